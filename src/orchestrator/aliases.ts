/** An incident is handled by one instance, whichever of its keys it arrived with. */
import type { AliasOwner } from '../domain/alias.js';
import { ResponderError } from '../domain/errors.js';
import type { HandedOver } from '../domain/handed-over.js';
import { type IncidentOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import type { SealedMessage, Sealer } from '../domain/sealed.js';
import type { Submission } from '../domain/submission.js';
import type { Excluded, Update } from '../domain/update.js';
import type { ActivityOutput } from './activities.js';
import { type Context, signalAlias } from './durable.js';
import { callWithRetries, type RetryPolicy } from './retry.js';
import type { Process } from './scheduler.js';
import type { Waiting } from './waiting.js';

/** The task hub may be unavailable for minutes. */
const FORWARD: RetryPolicy = { attempts: 8, firstMs: 5_000, longestMs: 300_000 };

interface Parts {
  readonly ctx: Context;
  readonly seal: Sealer['seal'];
  readonly waiting: Waiting;
  readonly start: SealedMessage;
  readonly origin: IncidentOrigin;
  readonly submission: Submission;
  /** What other cases have handed over to this run at its start. */
  readonly handedOver: readonly HandedOver[];
}

export class Aliases {
  #isOwner = false;
  readonly #forwarded = new Set<string>();
  #successor: AliasOwner | undefined;

  constructor(private readonly parts: Parts) {}

  /**
   * Claims the key by which Defender knows the incident, before anything is done about it. Returns the instance that has claimed
   * it before; undefined if this one handles the incident. A run that has a key needs no other.
   * @param alias entity key; undefined if the incident has no other key
   * @throws ResponderError `alias-unclear` if it is unknown who handles the incident: nothing must be done then.
   */
  *ownerElsewhere(alias: string | undefined): Process<AliasOwner | undefined> {
    if (alias === undefined || this.#isOwner) return undefined;
    const { ctx, waiting, origin } = this.parts;
    const { instanceId } = ctx.df;
    const answer = yield* waiting.claimAlias(alias, this.#sealed(alias, { instanceId, origin }));
    if (answer.state === 'refused') throw unclear();
    this.#isOwner = answer.owner.instanceId === instanceId;
    if (this.#isOwner) this.#successor = undefined;
    return this.#isOwner ? undefined : answer.owner;
  }

  /**
   * Gives what was submitted here to the instance that handles the incident. Those who must not decide here must not decide there.
   * Later deliveries go there directly. Returns whether it has received everything.
   */
  *forward(owner: AliasOwner, received: readonly Update[], excluded: Excluded): Process<boolean> {
    const { ctx, seal, waiting, start, submission, handedOver } = this.parts;
    const { instanceId } = ctx.df;
    const first: Update = {
      kind: 'update',
      id: `${instanceId}.${start.generation}`,
      ...submission,
      ...(handedOver.length === 0 ? {} : { handedOver: [...handedOver] }),
    };
    const updates = [first, ...received].filter(({ id }) => !this.#forwarded.has(id));
    const input = { start, instanceId, owner, updates, excluded };
    const result = yield* callWithRetries(waiting, 'forwardSubmissions', input, FORWARD);
    if (!result.ok) return false;
    for (const { id } of updates) this.#forwarded.add(id);
    waiting.queueSignal(() => signalAlias(ctx, instanceId, sealedClaim(seal, instanceId, owner, instanceId)));
    return true;
  }

  /** The instance that handles the copy of the incident since its own service no longer returns it. */
  get successor(): AliasOwner | undefined {
    return this.#successor;
  }

  /** Gives the keys of the incident to the instance of its copy. If it is read again here, it is the incident of that one. */
  *passOn({ owner, aliases }: ActivityOutput<'findCopy'>): Process<void> {
    const { ctx, seal, waiting } = this.parts;
    const { instanceId } = ctx.df;
    let successor = owner;
    for (const alias of aliases) {
      const answer = yield* waiting.claimAlias(alias, this.#sealed(alias, successor, instanceId));
      if (answer.state === 'refused') return;
      successor = answer.owner;
    }
    this.#isOwner = false;
    if (successor.instanceId === instanceId) return;
    this.#successor = successor;
    waiting.queueSignal(() =>
      signalAlias(ctx, instanceId, sealedClaim(seal, instanceId, successor, instanceId)),
    );
  }

  #sealed(alias: string, owner: AliasOwner, instead?: string): SealedMessage {
    return sealedClaim(this.parts.seal, alias, owner, instead);
  }
}

/** The other instance may not know of the newest change, or of who submitted the incident here. */
export const NOT_RECEIVED = 'It could not be informed of what was submitted here.';

/** `xdr:…, which incident-… handles`. */
export function describeOwner({ instanceId, origin }: AliasOwner): string {
  return `The same incident is handled as ${keyOfOrigin(origin)} by ${instanceId}.`;
}

function sealedClaim(
  seal: Sealer['seal'],
  alias: string,
  owner: AliasOwner,
  instead?: string,
): SealedMessage {
  const claim = { alias, owner, ...(instead === undefined ? {} : { instead }) };
  return seal(claim, { purpose: 'alias', instanceId: alias, generation: 1, sequence: 0 });
}

function unclear(): ResponderError {
  return new ResponderError({
    code: 'alias-unclear',
    message: 'It is unknown whether another instance handles the same incident.',
    fault: 'responder',
    retry: 'later',
  });
}
