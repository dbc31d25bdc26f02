/** What the directory says about approvers. Answers are kept for a minute at most; a directory that cannot be asked refuses. */
import { z } from 'zod';
import type { Involvement } from '../approvals/index.js';
import { usersOfGroup } from '../connectors/groups.js';
import type { RestClient } from '../connectors/index.js';
import type { ApprovalRequest } from '../domain/approval.js';
import { path } from '../domain/builders/path.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import { approverDoubts } from '../playbook/index.js';

/** An account that the incident is about, as far as it is known. */
export interface InvolvedAccount {
  readonly objectId?: string;
  readonly upn?: string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const KEEP_MS = 60_000;
const MOST_KEPT = 2_000;
/** https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups takes that many groups. */
const GROUPS_PER_CALL = 20;
/** Of an incident with more accounts than that nobody's managers are looked up: it is then unknown. */
const MOST_ACCOUNTS = 20;

const idsSchema = z.object({ value: z.array(z.string()) });
const idSchema = z.object({ id: z.string() });
export class Directory {
  readonly #kept = new Map<string, { readonly at: number; readonly value: unknown }>();

  constructor(
    private readonly graph: RestClient,
    private readonly clock: { now(): number },
  ) {}

  /** Whether a person is in one of the groups, directly or through other groups. */
  async isMember(objectId: string, groups: readonly { readonly id: string }[]): Promise<boolean | 'unknown'> {
    const ids = groups.map(({ id }) => id).sort();
    if (!GUID.test(objectId)) return false;
    try {
      for (let from = 0; from < ids.length; from += GROUPS_PER_CALL) {
        const groupIds = ids.slice(from, from + GROUPS_PER_CALL);
        const found = await this.#keep(`member ${objectId} ${groupIds.join(' ')}`, async () => {
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

  /** How a person is part of an incident, as far as its accounts go. */
  async involvement(
    objectId: string,
    accounts: readonly InvolvedAccount[],
    managersMayDecide: boolean,
  ): Promise<Involvement | 'unknown' | undefined> {
    try {
      const ids: string[] = [];
      for (const account of accounts) {
        const id = account.objectId ?? (await this.#idOf(account.upn ?? ''));
        if (!GUID.test(id)) continue;
        if (same(id, objectId)) return 'entity';
        ids.push(id);
      }
      if (managersMayDecide) return undefined;
      if (ids.length > MOST_ACCOUNTS) return 'unknown';
      const managers = await Promise.all(ids.map((id) => this.#managerOf(id)));
      return managers.some((id) => id !== '' && same(id, objectId)) ? 'manager' : undefined;
    } catch (error) {
      return unknown(error);
    }
  }

  /** Why a request may wait in vain. */
  doubts(request: Pick<ApprovalRequest, 'approvers' | 'approvalsNeeded' | 'tier'>): Promise<string[]> {
    return approverDoubts(request, (id) => usersOfGroup(this.graph, id));
  }

  /** Empty where there is none, or where the incident's text is no user principal name. */
  async #idOf(upn: string): Promise<string> {
    if (!/^[^@/\\?#%\s]{1,64}@[a-z0-9.-]{1,255}$/i.test(upn)) return '';
    return this.#keep(`id ${upn}`, () =>
      orNothing(
        this.graph.get(path`/v1.0/users/${upn}?$select=id`, idSchema).then(({ body }) => body.id),
        '',
      ),
    );
  }

  /** Empty where there is none. */
  #managerOf(id: string): Promise<string> {
    return this.#keep(`manager ${id}`, () =>
      orNothing(
        this.graph.get(path`/v1.0/users/${id}/manager?$select=id`, idSchema).then(({ body }) => body.id),
        '',
      ),
    );
  }

  /** Failures are not kept. */
  async #keep<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    const now = this.clock.now();
    if (kept !== undefined && now - kept.at < KEEP_MS && now >= kept.at) return kept.value as T;
    const value = await ask();
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, { at: now, value });
    return value;
  }
}

/** Graph's words for: there is none. */
const NOBODY = ['not-found', 'invalid-request'];

async function orNothing<T, N>(asked: Promise<T>, nothing: N): Promise<T | N> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ResponderError && NOBODY.includes(error.info.code)) return nothing;
    throw error;
  }
}

/** Our own mistakes are not the directory's. */
function unknown(error: unknown): 'unknown' {
  const info: ErrorInfo = toErrorInfo(error);
  if (info.code === 'unexpected') throw error;
  return 'unknown';
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
