/** Proves that something is blocked, and deletes indicators that the responder created, and no other. */
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, Confirmation, RunResult, UndoSkipped } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { type BlockOutput, evidenceOf, isSameTime } from './block.js';
import {
  blocksUntil,
  describeIndicator,
  type Indicator,
  type IndicatorInput,
  readIndicators,
} from './indicators.js';

/** An indicator reaches the devices later, and that cannot be read back. */
const REACHES = 'Devices apply it within hours, at most two days.';

export async function confirmBlocked(
  input: IndicatorInput,
  { indicatorId, blockedUntil, initiatedByUs }: BlockOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const { type, value } = input;
  const present = await readIndicators(input, ctx);
  const found = present.find(({ id }) => id === indicatorId);
  if (found === undefined) {
    const [other] = present;
    if (other) return { state: 'failed', reason: `Instead there is ${describeIndicator(other)}.` };
    if (Date.parse(blockedUntil) <= ctx.clock.now()) {
      return {
        state: 'failed',
        reason: `Defender ended the block of ${value} at ${blockedUntil}, as was approved.`,
      };
    }
    return { state: 'pending', status: `Defender lists no indicator of ${type} ${value}.` };
  }
  if (!blocksUntil(found, type, blockedUntil)) {
    return { state: 'failed', reason: `It is not blocked as was approved: ${describeIndicator(found)}.` };
  }
  const until = found.expirationTime ? `until ${found.expirationTime}` : 'without an end';
  const by = initiatedByUs ? '' : `; there is ${describeIndicator(found)}`;
  return {
    state: 'confirmed',
    proof: `Indicator ${found.id} (${found.action} of ${type} ${value}, on all devices, ${until}) was read back${by}. ${REACHES}`,
    evidence: evidenceOf(found),
  };
}

/** `others`: outputs of other incidents that no longer rely on the block. */
export async function unblock(
  input: IndicatorInput,
  output: BlockOutput,
  ctx: ActionContext,
  others: readonly BlockOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const present = await readIndicators(input, ctx);
  const [first] = present;
  if (first === undefined) return { state: 'already-done', output: {}, evidence: {} };
  const own = present.find((one) => isOwn(one, [output, ...others]));
  if (own === undefined) {
    const reason = `${input.value} was left blocked, or as it is: ${describeIndicator(first)}, cannot be attributed to the responder, or was changed since.`;
    return { state: 'not-ours', reason, evidence: evidenceOf(first) };
  }
  try {
    await ctx.clients.defender.delete(path`/api/indicators/${own.id}`, { signal: ctx.signal });
  } catch (error) {
    const isGone = error instanceof ResponderError && error.info.code === 'not-found';
    const after = isGone ? [] : await readAfterUnknownOutcome(error, () => readIndicators(input, ctx));
    if (after.some(({ id }) => id === own.id)) throw error;
  }
  return { state: 'requested', output: {}, evidence: evidenceOf(own) };
}

/** Proves that no indicator by the responder is left. */
export async function confirmUnblocked(
  input: IndicatorInput,
  output: BlockOutput,
  ctx: ActionContext,
  others: readonly BlockOutput[],
): Promise<Confirmation> {
  const present = await readIndicators(input, ctx);
  const own = present.find((one) => isOwn(one, [output, ...others]));
  if (own) return { state: 'pending', status: `Defender still lists ${describeIndicator(own)}.` };
  const [other] = present;
  const also = other ? ` There is ${describeIndicator(other)}.` : '';
  const proof = `Defender lists no indicator of ${input.type} ${input.value} by the responder.${also} Devices end the block within hours.`;
  return { state: 'confirmed', proof, evidence: other ? evidenceOf(other) : {} };
}

/** One that somebody has overwritten since, or whose end they have moved, is theirs. */
function isOwn(indicator: Indicator, outputs: readonly BlockOutput[]): boolean {
  return outputs.some(
    ({ initiatedByUs, indicatorId, blockedUntil }) =>
      initiatedByUs &&
      indicatorId === indicator.id &&
      isSameTime(indicator, blockedUntil) &&
      BY_RESPONDER.test(indicator.description ?? ''),
  );
}

const BY_RESPONDER = /\(ref [0-9a-f]{16}\)$/;
