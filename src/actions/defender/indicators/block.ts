/** Blocks a file, an address, a domain or a URL on all devices, until a time at which Defender itself ends that. */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { type Duration, durationMs } from '../../../domain/duration.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, RunResult } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { commentOf, referenceOf } from '../machines/machine-requests.js';
import {
  blocksUntil,
  describeIndicator,
  type Indicator,
  type IndicatorInput,
  indicatorSchema,
  readIndicators,
} from './indicators.js';

export const blockOutputSchema = z.object({
  indicatorId: z.string(),
  blockedUntil: z.string().describe('ISO 8601, UTC: what was approved'),
  initiatedByUs: z
    .boolean()
    .describe(
      'This incident created the indicator; false: someone else did, and the undo does not delete it',
    ),
  before: z.enum(['none', 'blocked']).describe('State before acting'),
});
export type BlockOutput = z.infer<typeof blockOutputSchema>;

/**
 * Creates an indicator, unless a sufficient one exists. Defender would overwrite an indicator of the same value: one that
 * someone else created is left as it is.
 * @throws ResponderError `other-indicator`; those of the client.
 */
export async function block(
  input: IndicatorInput,
  lasts: Duration,
  ctx: ActionContext,
): Promise<RunResult<BlockOutput>> {
  const reference = await referenceOf(ctx);
  const blockedUntil = new Date(ctx.decidedAt + durationMs(lasts)).toISOString();
  const present = await readIndicators(input, ctx);
  const [own] = present.filter((one) => isMarked(one, reference) && isSameTime(one, blockedUntil));
  if (own) return created(own, blockedUntil);
  const [other] = present;
  if (other) {
    if (present.length > 1 || !blocksUntil(other, input.type, blockedUntil))
      throw otherIndicator(other, blockedUntil);
    const initiatedByUs = isMarked(other, reference);
    const output = { indicatorId: other.id, blockedUntil, initiatedByUs, before: 'blocked' as const };
    return { state: 'already-done', output, evidence: evidenceOf(other) };
  }
  const { signal } = ctx;
  const words = commentOf(ctx, reference);
  const body = {
    indicatorType: input.type,
    indicatorValue: input.value,
    action: input.type.startsWith('File') ? 'BlockAndRemediate' : 'Block',
    title: words,
    description: words,
    severity: 'High',
    generateAlert: true,
    expirationTime: blockedUntil,
  };
  try {
    const answer = await ctx.clients.defender.post(path`/api/indicators`, body, indicatorSchema, { signal });
    return created(answer.body, blockedUntil);
  } catch (error) {
    if (error instanceof ResponderError && error.info.httpStatus === 400) throw refused(error);
    const after = await readAfterUnknownOutcome(error, () => readIndicators(input, ctx));
    const arrived = after.find((one) => isMarked(one, reference));
    if (arrived === undefined) throw error;
    return created(arrived, blockedUntil);
  }
}

function created(indicator: Indicator, blockedUntil: string): RunResult<BlockOutput> {
  const output = { indicatorId: indicator.id, blockedUntil, initiatedByUs: true, before: 'none' as const };
  return { state: 'requested', output, evidence: evidenceOf(indicator), began: true };
}

/** The mark in its description identifies an indicator as this incident's, also after a lost response. */
export const isMarked = ({ description }: Indicator, reference: string): boolean =>
  description?.includes(reference) ?? false;

export const isSameTime = ({ expirationTime }: Indicator, time: string): boolean =>
  Date.parse(expirationTime ?? '') === Date.parse(time);

export function evidenceOf({ id, action, expirationTime }: Indicator): Record<string, string> {
  return { indicatorId: id, action, ...(expirationTime ? { expirationTime } : {}) };
}

function otherIndicator(other: Indicator, until: string): ResponderError {
  return new ResponderError({
    code: 'other-indicator',
    message: `There already is ${describeIndicator(other)}. It does not block on all devices until ${until}, as was approved, and is left as it is.`,
    fault: 'caller',
    retry: 'no',
    next: 'Check in the Defender portal, under Settings, Endpoints, Indicators, whether it should be changed.',
  });
}

function refused({ info }: ResponderError): ResponderError {
  return new ResponderError({
    ...info,
    next: 'Check in the Defender portal whether there are already 15,000 indicators, the most that a tenant may have; then delete some, or block it by hand.',
  });
}
