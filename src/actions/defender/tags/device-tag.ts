/** The tag by which analysts find the devices that the responder works on. https://learn.microsoft.com/defender-endpoint/machine-tags */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type {
  ActionContext,
  Confirmation,
  Permission,
  PrecheckResult,
  RunResult,
  UndoSkipped,
} from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import type { MachineInput } from '../machines/machine-target.js';
import { findMachineById } from '../machines/machines.js';

/** Without the number of an incident, so that a device group or a filter can be about it. */
export const TAG = 'Under investigation';

export const deviceTagOutputSchema = z.object({
  machineId: z.string(),
  device: z.string(),
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe(
      'This action changed it; false: it was so before, and undo does not revert it; unknown: this action or someone else did',
    ),
  before: z.array(z.string()).describe('All tags of the device before acting'),
});
export type DeviceTagOutput = z.infer<typeof deviceTagOutputSchema>;

export const deviceTagPermissions: readonly Permission[] = [
  { api: 'WindowsDefenderATP', name: 'Machine.ReadWrite.All', why: 'read and change the tags of a device' },
];

const answerSchema = z.looseObject({ machineTags: z.array(z.string()).nullish() });

/**
 * Adds the tag, or removes it, unless already done. Defender does not record who did it: the tags are read, and the result
 * is in the history, before anything is sent.
 */
export async function setTagged(
  tagged: boolean,
  input: MachineInput,
  ctx: ActionContext,
): Promise<RunResult<DeviceTagOutput> | PrecheckResult> {
  const tags = await readTags(input.machineId, ctx);
  if (!ctx.prechecked && isTagged(tags) !== tagged) {
    return { state: 'prechecked', evidence: { before: listed(tags) } };
  }
  return changeTag(tagged, input, tags, ctx);
}

/** After a lost response, or in a repeated call, the tag may be the responder's own change. */
async function changeTag(
  tagged: boolean,
  { machineId, device }: MachineInput,
  before: string[],
  ctx: ActionContext,
): Promise<RunResult<DeviceTagOutput>> {
  const isDone = isTagged(before) === tagged;
  const changed = isDone && (ctx.outcomeUnknown || ctx.prechecked) ? ('unknown' as const) : !isDone;
  const output = { machineId, device, changed, before };
  const evidence = { before: listed(before) };
  // The precheck read the opposite state.
  const began = ctx.prechecked ? { began: true as const } : {};
  if (isDone)
    return { state: changed === 'unknown' ? 'requested' : 'already-done', output, evidence, ...began };
  try {
    const body = { Value: TAG, Action: tagged ? 'Add' : 'Remove' };
    const { signal } = ctx;
    const where = path`/api/machines/${machineId}/tags`;
    const { requestId } = await ctx.clients.defender.post(where, body, answerSchema, { signal });
    const ids = requestId ? { requestId } : {};
    return { state: 'requested', output, evidence: { ...evidence, ...ids }, began: true };
  } catch (error) {
    const after = await readAfterUnknownOutcome(error, () => readTags(machineId, ctx));
    if (isTagged(after) !== tagged) throw error;
    const read = { answer: 'lost, the effect was read back' };
    return { state: 'requested', output, evidence: { ...evidence, ...read }, began: true };
  }
}

export async function confirmTagged(
  tagged: boolean,
  { machineId, device }: MachineInput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const tags = await readTags(machineId, ctx);
  const has = isTagged(tags) ? 'with' : 'without';
  if (isTagged(tags) !== tagged) {
    return { state: 'pending', status: `${device} still reads as ${has} the tag “${TAG}”.` };
  }
  const proof = `${device} was read back ${has} the tag “${TAG}”; its tags are: ${listed(tags)}.`;
  return { state: 'confirmed', proof, evidence: { tags: listed(tags) } };
}

/**
 * Reverts a change to `tagged` by this incident or by those whose outputs are in `others`.
 * @throws ResponderError `undo-unclear` if it is unknown who made the change.
 */
export async function undoTagged(
  tagged: boolean,
  input: MachineInput,
  output: DeviceTagOutput,
  ctx: ActionContext,
  others: readonly DeviceTagOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const all = [output, ...others];
  const tags = await readTags(input.machineId, ctx);
  if (!all.some(({ changed }) => changed === true)) {
    if (isTagged(tags) === tagged && all.some(({ changed }) => changed === 'unknown'))
      throw undoUnclear(input);
    const reason = `The tag “${TAG}” of ${input.device} was left as it is: it was so before the responder.`;
    return { state: 'not-ours', reason, evidence: { tags: listed(tags) } };
  }
  if (isTagged(tags) === tagged) return changeTag(!tagged, input, tags, ctx);
  // A lost call of this undo may have done this.
  return {
    state: 'requested',
    output: {},
    evidence: { before: `${listed(tags)}, by us or by somebody else` },
  };
}

async function readTags(machineId: string, ctx: ActionContext): Promise<string[]> {
  const machine = await findMachineById(machineId, ctx);
  if (machine?.machineTags) return machine.machineTags;
  throw new ResponderError({
    code: machine === undefined ? 'not-found' : 'bad-answer',
    message:
      machine === undefined
        ? 'Defender no longer has the device.'
        : 'Defender does not report the tags of the device.',
    fault: 'service',
    retry: 'no',
    next: 'Check the device in the Defender portal.',
  });
}

/** Defender compares tags without case. */
const isTagged = (tags: readonly string[]): boolean =>
  tags.some((tag) => tag.toLowerCase() === TAG.toLowerCase());
const listed = (tags: readonly string[]): string => (tags.length === 0 ? 'none' : tags.join(', '));

function undoUnclear({ device }: MachineInput): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else changed the tag “${TAG}” of ${device} is unknown.`,
    fault: 'service',
    retry: 'no',
    next: 'Ask the other analysts, and change the tag in the Defender portal if it was the responder.',
  });
}
