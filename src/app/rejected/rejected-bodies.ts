/**
 * Stores rejected bodies. Each one is the input of an orchestration instance that ends at once: the Durable extension
 * stores large inputs as blobs, on every host, so that the app needs no storage client.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import {
  isRejectedId,
  type RejectedAction,
  type RejectedBody,
  type RejectedFacts,
  type RejectedSummary,
  rejectedBodySchema,
  rejectedSummarySchema,
} from '../../domain/rejected-body.js';
import { KEEP_REJECTED_BODY } from '../../orchestrator/index.js';
import { clock } from '../clock.js';
import { filledPage, type InstanceQuery, queryInstances } from '../instance-pages.js';
import { sealer } from '../sealing.js';
import { services } from '../services.js';
import type { VisibleCases } from '../visible-cases.js';
import { packContent } from './content.js';
import { owningTenant } from './owner.js';
import { StorageLimit } from './storage-limit.js';

export type Rejection = Pick<
  RejectedFacts,
  'code' | 'reason' | 'next' | 'path' | 'items' | 'trigger' | 'messageId' | 'submittedBy' | 'owner'
>;
export interface RejectedEntry extends RejectedSummary {
  readonly id: string;
}

/** Real milliseconds between attempts: the same body may be stored by another invocation. */
const PAUSES = [50, 250, 1_000, 3_000];
const MOST_ACTIONS = 20;
const REJECTED_PREFIX = 'rejected-';
/** Of the stored, compressed content. */
const MOST_BYTES_PER_HOUR = 64 * 1024 * 1024;
/** One for each tenant, and one for what belongs to none: a flood of one does not keep out another. */
const limits = new Map<string | undefined, StorageLimit>();

export class TooManyRejected extends Error {
  constructor() {
    super('Too many rejected bodies were stored in the last hour; this one is not stored.');
  }
}

export class RejectedBodies {
  readonly #client: df.DurableClient;
  readonly #context: InvocationContext;
  readonly #visible: VisibleCases;

  /** @param visible whose bodies it finds; all others do not exist for it */
  constructor(context: InvocationContext, visible: VisibleCases) {
    this.#context = context;
    this.#visible = visible;
    this.#client = df.getClient(context);
  }

  /**
   * Stores a body. Content that is stored already is counted; the same message is counted once.
   * @throws TooManyRejected, and Error if the durable extension is unavailable.
   */
  async keep(body: unknown, rejection: Rejection): Promise<{ readonly id: string; readonly bytes: number }> {
    const { owner } = rejection;
    const ofSubmitter = owner !== undefined && 'tenantId' in owner ? owner.tenantId : undefined;
    const { id, bytes, content } = await packContent(body, ofSubmitter);
    const at = new Date(clock.now()).toISOString();
    await withRetries(async () => {
      const known = await this.find(id);
      if (known !== undefined && isSameMessage(known, rejection)) return;
      if (!limitOf(owningTenant(owner)).take(content.data.length, clock.now())) {
        if (known?.content !== undefined) return;
        throw new TooManyRejected();
      }
      const { count = 0, firstAt = at, actions = [] } = known ?? {};
      const submitted = submittersOf(known, rejection.submittedBy);
      const facts = { ...submitted, firstAt, lastAt: at, count: count + 1, bytes, actions };
      await this.#store(id, { ...rejection, ...facts, state: 'open', content });
    });
    return { id, bytes };
  }

  /** The stored body; undefined if there is none, or if the app did not store it. */
  async find(id: string): Promise<RejectedBody | undefined> {
    try {
      const { input } = await this.#client.getStatus(id, { showInput: true });
      const opened = sealer.open(input, { purpose: 'rejected-body', instanceId: id });
      const body = opened.ok ? rejectedBodySchema.safeParse(opened.content).data : undefined;
      return body && this.#shows(body) ? body : undefined;
    } catch (error) {
      // The client reports a missing instance only in the error message.
      if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
      throw error;
    }
  }

  /** One page of stored bodies in the host's order, without content. */
  async page(query: Omit<InstanceQuery, 'prefix'>) {
    const { found: entries, continuation } = await filledPage(query, this.#visible, async (part) => {
      const page = await queryInstances(this.#context, { ...part, prefix: REJECTED_PREFIX });
      const found = await Promise.all(page.statuses.map((status) => this.#entryOf(status)));
      return { found: found.filter((entry) => entry !== undefined), continuation: page.continuation };
    });
    return { entries, continuation };
  }

  async #entryOf({
    instanceId,
    customStatus,
  }: df.DurableOrchestrationStatus): Promise<RejectedEntry | undefined> {
    if (!isRejectedId(instanceId)) return undefined;
    // An instance has no custom status before its first turn.
    const summary = rejectedSummarySchema.safeParse(customStatus ?? (await this.find(instanceId)));
    return summary.success && this.#shows(summary.data) ? { id: instanceId, ...summary.data } : undefined;
  }

  #shows({ owner }: Pick<RejectedFacts, 'owner'>): boolean {
    return this.#visible.all || this.#visible.ownedBy(owningTenant(owner));
  }

  /** Records what an analyst did. What has become of content that has been stored again since, stays. @param seen the count then */
  async record(
    id: string,
    action: RejectedAction,
    { changes, seen }: { readonly changes: Partial<RejectedFacts>; readonly seen: number },
  ): Promise<void> {
    await withRetries(async () => {
      const known = await this.find(id);
      if (known === undefined) return;
      const current = known.count > seen ? {} : changes;
      await this.#store(id, { ...known, ...current, actions: withAction(known, action) });
    });
  }

  /** Deletes the content, and records who did so. The facts remain until they are purged with other ended instances. */
  async drop(id: string, action: RejectedAction): Promise<void> {
    const known = await this.find(id);
    if (known === undefined) return;
    const { content: _, ...facts } = known;
    const dropped = { ...facts, state: 'dropped' as const, actions: withAction(known, action) };
    // The purge deletes the blobs of the content, too.
    await this.purge(id);
    await withRetries(() => this.#store(id, dropped));
  }

  async purge(id: string): Promise<void> {
    await this.#client.purgeInstanceHistory(id);
  }

  /** The host replaces an instance that has ended, and refuses to replace one that has not. */
  async #store(id: string, body: RejectedBody): Promise<void> {
    const about = { purpose: 'rejected-body', instanceId: id, generation: 1, sequence: body.count } as const;
    await this.#client.startNew(KEEP_REJECTED_BODY, { instanceId: id, input: sealer.seal(body, about) });
  }
}

/** Everyone who submitted the content stays recorded when others submit it later. */
function submittersOf(
  known: RejectedBody | undefined,
  by: Rejection['submittedBy'],
): Pick<RejectedFacts, 'submittedBy' | 'alsoSubmittedBy'> {
  const [submittedBy, ...others] = [known?.submittedBy ?? by, ...(known?.alsoSubmittedBy ?? [])];
  const isNew = by !== undefined && ![submittedBy, ...others].some((one) => one?.id === by.id);
  const alsoSubmittedBy = [...others, ...(isNew ? [by] : [])].filter((one) => one !== undefined);
  return {
    ...(submittedBy === undefined ? {} : { submittedBy }),
    ...(alsoSubmittedBy.length === 0 ? {} : { alsoSubmittedBy }),
  };
}

function limitOf(tenantId: string | undefined): StorageLimit {
  const known = limits.get(tenantId);
  if (known !== undefined) return known;
  const { rejectedPerHour: bodies } = services().config;
  const limit = new StorageLimit({ bodies, bytes: MOST_BYTES_PER_HOUR });
  limits.set(tenantId, limit);
  return limit;
}

/** A message may be delivered again before it is completed. */
function isSameMessage(known: RejectedBody, { trigger, messageId }: Rejection): boolean {
  const isSame = messageId !== undefined && known.trigger === trigger && known.messageId === messageId;
  return isSame && known.content !== undefined;
}

function withAction({ actions }: RejectedFacts, action: RejectedAction): RejectedAction[] {
  return [...actions, action].slice(-MOST_ACTIONS);
}

async function withRetries(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = PAUSES[tries];
      if (wait === undefined || error instanceof TooManyRejected) throw error;
      await pause(wait);
    }
  }
}
