/**
 * What the directory says about people, at this moment: one of these is made for each decision, and asks each question
 * once. A directory that cannot be asked refuses.
 */
import { z } from 'zod';
import type { DirectoryUser, Standing } from '../approvals/index.js';
import { usersOfGroup } from '../connectors/groups.js';
import type { RestClient } from '../connectors/index.js';
import type { ApprovalRequest } from '../domain/approval.js';
import { path, type Raw } from '../domain/builders/path.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import { approverDoubts } from '../playbook/index.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups takes that many groups. */
const GROUPS_PER_CALL = 20;
/** One page of Graph's; nobody has more. */
const MOST_REPORTS = 999;

const idsSchema = z.object({ value: z.array(z.string()) });
const idSchema = z.object({ id: z.string() });
const text = z.string().nullish();
const userSchema = z.object({
  id: z.string(),
  displayName: text,
  userPrincipalName: text,
  mail: text,
  mailNickname: text,
  securityIdentifier: text,
  onPremisesUserPrincipalName: text,
  onPremisesSamAccountName: text,
  onPremisesDomainName: text,
  onPremisesSecurityIdentifier: text,
  proxyAddresses: z.array(z.string()).nullish(),
  otherMails: z.array(z.string()).nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: text,
});
type User = z.infer<typeof userSchema>;
const USER: Raw = { raw: Object.keys(userSchema.shape).join(',') };
const devicesSchema = z.object({
  value: z.array(z.object({ deviceId: text, displayName: text })),
  '@odata.nextLink': z.string().optional(),
});
const reportsSchema = z.object({ value: z.array(userSchema), '@odata.nextLink': z.string().optional() });

interface KnownDevice {
  /** Entra's device id, lower case. */
  readonly id: string | undefined;
  readonly name: string | undefined;
}

export class Directory {
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(private readonly graph: RestClient) {}

  /** What somebody's account is. */
  async standingOf(objectId: string): Promise<Standing | 'unknown'> {
    if (!GUID.test(objectId)) return 'gone';
    try {
      return standing(await this.user(objectId));
    } catch (error) {
      return isNobody(error) ? 'gone' : unknown(error);
    }
  }

  /** Whether a person is in one of the groups, directly or through other groups. */
  async isMember(objectId: string, groups: readonly { readonly id: string }[]): Promise<boolean | 'unknown'> {
    const ids = groups.map(({ id }) => id).sort();
    if (!GUID.test(objectId)) return false;
    try {
      for (let from = 0; from < ids.length; from += GROUPS_PER_CALL) {
        const groupIds = ids.slice(from, from + GROUPS_PER_CALL);
        const found = await this.#once(`member ${objectId} ${groupIds.join(' ')}`, async () => {
          const called = path`/v1.0/users/${objectId}/checkMemberGroups`;
          return orNothing(
            this.graph.postRead(called, { groupIds }, idsSchema).then(({ body }) => body.value),
            [],
          );
        });
        if (found.length > 0) return true;
      }
      return false;
    } catch (error) {
      return unknown(error);
    }
  }

  /** Why a request may wait in vain. */
  doubts(request: Pick<ApprovalRequest, 'approvers' | 'approvalsNeeded' | 'tier'>): Promise<string[]> {
    return approverDoubts(request, (id) => usersOfGroup(this.graph, id));
  }

  /** Empty where there is none, or where the incident's text is no user principal name. @throws ResponderError */
  async idOf(upn: string): Promise<string> {
    if (!/^[^@/\\?#%\s]{1,64}@[a-z0-9.-]{1,255}$/i.test(upn)) return '';
    return this.#once(`id ${upn}`, () =>
      orNothing(
        this.graph.get(path`/v1.0/users/${upn}?$select=id`, idSchema).then(({ body }) => body.id),
        '',
      ),
    );
  }

  /** @throws ResponderError, also for somebody who is not there. */
  user(id: string): Promise<User> {
    return this.#once(`user ${id}`, async () => {
      return (await this.graph.get(path`/v1.0/users/${id}?$select=${USER}`, userSchema)).body;
    });
  }

  /**
   * https://learn.microsoft.com/graph/api/user-list-directreports
   * @throws ResponderError
   */
  reportsOf(id: string): Promise<DirectoryUser[]> {
    return this.#once(`reports ${id}`, async () => {
      const called = path`/v1.0/users/${id}/directReports?$select=${USER}&$top=${MOST_REPORTS}`;
      const { body } = await this.graph.get(called, reportsSchema);
      if (body['@odata.nextLink'] !== undefined) throw tooMany('people report to');
      return body.value;
    });
  }

  /**
   * Entra's ids and names of the devices that somebody owns or uses: https://learn.microsoft.com/graph/api/user-list-owneddevices,
   * https://learn.microsoft.com/graph/api/user-list-registereddevices. None where the app may not read them.
   * @throws ResponderError
   */
  async devicesOf(id: string): Promise<KnownDevice[]> {
    const lists = [
      path`/v1.0/users/${id}/ownedDevices?$select=id,deviceId,displayName&$top=${MOST_REPORTS}`,
      path`/v1.0/users/${id}/registeredDevices?$select=id,deviceId,displayName&$top=${MOST_REPORTS}`,
    ];
    const found = await Promise.all(lists.map((called) => this.#devices(called)));
    return found.flat();
  }

  async #devices(called: ReturnType<typeof path>): Promise<KnownDevice[]> {
    try {
      const { body } = await this.graph.get(called, devicesSchema);
      if (body['@odata.nextLink'] !== undefined) throw tooMany('devices belong to');
      return body.value.map(({ deviceId, displayName }) => ({
        id: deviceId?.toLowerCase(),
        name: displayName ?? undefined,
      }));
    } catch (error) {
      if (error instanceof ResponderError && error.info.code === 'forbidden') return [];
      throw error;
    }
  }

  #once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(question) ?? ask();
    this.#asked.set(question, asked);
    return asked as Promise<T>;
  }
}

/** Graph's words for: there is none. */
const NOBODY = ['not-found', 'invalid-request'];

async function orNothing<T, N>(asked: Promise<T>, nothing: N): Promise<T | N> {
  try {
    return await asked;
  } catch (error) {
    if (isNobody(error)) return nothing;
    throw error;
  }
}

function isNobody(error: unknown): boolean {
  return error instanceof ResponderError && NOBODY.includes(error.info.code);
}

/**
 * https://learn.microsoft.com/graph/api/resources/user: `userType` is null for accounts older than it, and a guest's
 * sign-in name then has `#EXT#` in it. What the app may not read is null, too: that is not known.
 */
function standing({ accountEnabled, userType, userPrincipalName }: User): Standing | 'unknown' {
  if (accountEnabled === false) return 'disabled';
  const external = userPrincipalName?.toUpperCase().includes('#EXT#');
  const isMember = userType ? userType.toLowerCase() === 'member' : external === false;
  if (!isMember && (userType || external)) return 'guest';
  return isMember && accountEnabled === true ? 'member' : 'unknown';
}

function tooMany(what: string): ResponderError {
  return new ResponderError({
    code: 'too-many',
    message: `More than ${MOST_REPORTS} ${what} this person.`,
    blame: 'service',
    retry: 'no',
  });
}

/** Our own mistakes are not the directory's. */
export function unknown(error: unknown): 'unknown' {
  const info: ErrorInfo = toErrorInfo(error);
  if (info.code === 'unexpected') throw error;
  return 'unknown';
}
