/**
 * Current directory data about users. Create one instance for each decision; it sends each query once. If the directory is
 * unavailable, the result is `unknown` and the decision is refused.
 */
import { z } from 'zod';
import type { DirectoryUser, Standing } from '../approvals/index.js';
import { listGroupUsers } from '../connectors/groups.js';
import type { RestClient } from '../connectors/index.js';
import type { ApprovalRequest } from '../domain/approval.js';
import { path, type Raw } from '../domain/builders/path.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import { approverWarnings } from '../playbook/index.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The limit of https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups. */
const GROUPS_PER_CALL = 20;
/** The largest page that Graph returns. Larger lists are an error. */
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

  /** The status of a user's account. */
  async standingOf(objectId: string): Promise<Standing | 'unknown'> {
    if (!GUID.test(objectId)) return 'gone';
    try {
      return standing(await this.user(objectId));
    } catch (error) {
      return isNotFound(error) ? 'gone' : unknown(error);
    }
  }

  /** Whether a user is a direct or transitive member of one of the groups. */
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

  /** Warnings that a request may have too few approvers. */
  approverWarnings(
    request: Pick<ApprovalRequest, 'approvers' | 'approvalsNeeded' | 'tier'>,
  ): Promise<string[]> {
    return approverWarnings(request, (id) => listGroupUsers(this.graph, id));
  }

  /** The object id of a user. Empty if there is none, or if the text is not a user principal name. @throws ResponderError */
  async idOf(upn: string): Promise<string> {
    if (!/^[^@/\\?#%\s]{1,64}@[a-z0-9.-]{1,255}$/i.test(upn)) return '';
    return this.#once(`id ${upn}`, () =>
      orNothing(
        this.graph.get(path`/v1.0/users/${upn}?$select=id`, idSchema).then(({ body }) => body.id),
        '',
      ),
    );
  }

  /** @throws ResponderError, also if the user does not exist. */
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
   * Entra's ids and names of the devices that a user owns or uses: https://learn.microsoft.com/graph/api/user-list-owneddevices,
   * https://learn.microsoft.com/graph/api/user-list-registereddevices. Empty if the app has no permission to read them.
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

/** The error codes with which Graph reports that an object does not exist. */
const NOT_FOUND = ['not-found', 'invalid-request'];

async function orNothing<T, N>(asked: Promise<T>, nothing: N): Promise<T | N> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return nothing;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ResponderError && NOT_FOUND.includes(error.info.code);
}

/**
 * https://learn.microsoft.com/graph/api/resources/user: `userType` is null for accounts that predate it; the sign-in name
 * of a guest then contains `#EXT#`. Properties without read permission are also null, which makes the result `unknown`.
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
    fault: 'service',
    retry: 'no',
  });
}

/** Maps directory errors to `unknown` and rethrows programming errors. */
export function unknown(error: unknown): 'unknown' {
  const info: ErrorInfo = toErrorInfo(error);
  if (info.code === 'unexpected') throw error;
  return 'unknown';
}
