/** Isolating and releasing a machine: read, act once at most, and prove the effect. */
import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import type { EntityOf } from '../../domain/entities.js';
import { ResponderError } from '../../domain/errors.js';
import type { Finding } from '../../domain/finding.js';
import type { ActionContext, Confirmation, RunResult, Target } from '../define.js';
import { sha256Hex } from '../hash.js';
import {
  createdAt,
  hasSucceeded,
  type Isolation,
  isOpen,
  isolationOf,
  type MachineAction,
  machineActionSchema,
  readIsolations,
  readMachineAction,
  updatedAt,
} from './machine-actions.js';

export const machineInputSchema = z.object({
  machineId: z.string().min(1).describe("Defender's machine id"),
  device: z.string().describe('Name of the device, for people'),
});
export type MachineInput = z.infer<typeof machineInputSchema>;

export const isolationOutputSchema = z.object({
  machineId: z.string(),
  device: z.string(),
  machineActionId: z
    .string()
    .optional()
    .describe('The machine action that does or did it; none where none was needed'),
  ours: z.boolean().describe('This action asked for it; false: somebody else had, and undo leaves it alone'),
  before: z.enum(['isolated', 'isolating', 'releasing', 'not-isolated']).describe('State before acting'),
});
export type IsolationOutput = z.infer<typeof isolationOutputSchema>;

const deviceFindingSchema = z.object({
  machineId: z.string(),
  computerDnsName: z.string(),
  onboardingStatus: z.string(),
});

/** The one machine that `defender.device` found for this host; refused where it found several, or failed. */
export function foundMachine(entity: EntityOf<'host'>, findings: readonly Finding[]): Target<MachineInput> {
  const finding = findings.find((one) => one.action === 'defender.device' && one.entityKey === entity.key);
  if (finding?.status === 'failed' && finding.error.code === 'ambiguous-device') {
    return { ok: false, code: 'ambiguous-target', reason: finding.error.message };
  }
  const device = finding?.status === 'ok' ? deviceFindingSchema.safeParse(finding.output) : undefined;
  if (!device?.success) {
    return { ok: false, code: 'target-unknown', reason: 'The device could not be looked up in Defender.' };
  }
  const { machineId, computerDnsName, onboardingStatus } = device.data;
  if (!['Onboarded', 'Unknown'].includes(onboardingStatus)) {
    return { ok: false, code: 'unsupported-target', reason: 'The device is not onboarded to Defender.' };
  }
  return { ok: true, input: { machineId, device: computerDnsName || entity.display } };
}

type Want = 'Isolate' | 'Unisolate';
interface Goal {
  readonly reached: Isolation['state'];
  readonly underWay: Isolation['state'];
  readonly opposed: Isolation['state'];
  readonly words: string;
}
const GOALS: Readonly<Record<Want, Goal>> = {
  Isolate: { reached: 'isolated', underWay: 'isolating', opposed: 'releasing', words: 'isolation' },
  Unisolate: { reached: 'not-isolated', underWay: 'releasing', opposed: 'isolating', words: 'release' },
};

/**
 * Brings a machine into the wanted state. A repeated request would make an action that hangs, and may take effect
 * after a later release: nothing is sent where the state is already there or on its way.
 * @throws ResponderError `opposite-action-in-progress`; those of the client.
 */
export async function changeIsolation(
  want: Want,
  { machineId, device }: MachineInput,
  ctx: ActionContext,
): Promise<RunResult<IsolationOutput>> {
  const goal = GOALS[want];
  const reference = await referenceOf(ctx);
  const before = isolationOf(await readIsolations(machineId, ctx));
  const result = (state: RunResult<unknown>['state'], action: MachineAction | undefined, asked: boolean) => ({
    state,
    output: {
      machineId,
      device,
      ...(action ? { machineActionId: action.id } : {}),
      ours: asked || (action?.requestorComment?.includes(reference) ?? false),
      before: before.state,
    },
    evidence: evidenceOf(action),
  });
  if (before.state === goal.reached) return result('already-done', before.by, false);
  if (before.state === goal.underWay) return result('already-in-progress', before.by, false);
  if (before.state === goal.opposed) throw opposed(want, before.by);
  try {
    const action = await request(want, machineId, reference, ctx);
    return result('requested', action, true);
  } catch (error) {
    if (!(error instanceof ResponderError) || error.info.retry !== 'read-first') throw error;
    const after = (await readIsolations(machineId, ctx)).filter(({ type }) => type === want);
    const own = after.find(
      (action) => action.requestorComment?.includes(reference) && action.id !== before.by?.id,
    );
    if (own) return result('requested', own, true);
    const open = after.find(isOpen);
    if (open) return result('already-in-progress', open, false);
    throw error;
  }
}

/**
 * https://learn.microsoft.com/defender-endpoint/api/isolate-machine
 * https://learn.microsoft.com/defender-endpoint/api/unisolate-machine
 */
async function request(
  want: Want,
  machineId: string,
  reference: string,
  ctx: ActionContext,
): Promise<MachineAction> {
  const { defender } = ctx.clients;
  const { number } = ctx.incident;
  const Comment = `Incident ${number ?? 'of Microsoft Sentinel'}, by sentinel-responder (${reference})`;
  const { signal } = ctx;
  const { body } =
    want === 'Isolate'
      ? await defender.post(
          path`/api/machines/${machineId}/isolate`,
          { Comment, IsolationType: 'Full' },
          machineActionSchema,
          { signal },
        )
      : await defender.post(path`/api/machines/${machineId}/unisolate`, { Comment }, machineActionSchema, {
          signal,
        });
  return body;
}

/** Proves that the machine is in the wanted state: the machine action succeeded, and nothing came after it. */
export async function confirmIsolation(
  want: Want,
  { machineId, device, machineActionId }: IsolationOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const { words, reached } = GOALS[want];
  if (machineActionId === undefined) {
    const { state, by } = isolationOf(await readIsolations(machineId, ctx));
    if (state === reached) {
      return {
        state: 'confirmed',
        proof: `No ${opposite(want)} of ${device} is in force.`,
        evidence: evidenceOf(by),
      };
    }
    return { state: 'failed', reason: `${device} is ${state} by machine action ${by?.id ?? 'unknown'}.` };
  }
  const action = await readMachineAction(machineActionId, ctx);
  if (isOpen(action)) return { state: 'pending', status: `Machine action ${action.id} is ${action.status}.` };
  if (!hasSucceeded(action)) {
    return { state: 'failed', reason: `Machine action ${action.id} (${words}) ended as ${action.status}.` };
  }
  const others = (await readIsolations(machineId, ctx)).filter(
    ({ type }) => type !== want && isOpposite(type),
  );
  const later = others.find((other) => cancels(other, action));
  if (later) {
    const reason = `${device}: ${opposite(want)} ${later.id} (${later.status}, ${later.creationDateTimeUtc}) came later.`;
    return { state: 'failed', reason };
  }
  const at = new Date(updatedAt(action)).toISOString();
  return {
    state: 'confirmed',
    proof: `Machine action ${action.id} (${scopeOf(action)}${words}) of ${device} was read back as Succeeded at ${at}; no later ${opposite(want)} exists.`,
    evidence: evidenceOf(action),
  };
}

const scopeOf = ({ scope }: MachineAction) => (scope ? `${scope.toLowerCase()} ` : '');
const isOpposite = (type: string) => type === 'Isolate' || type === 'Unisolate';
const opposite = (want: Want) => GOALS[want === 'Isolate' ? 'Unisolate' : 'Isolate'].words;

/** An action under way may take effect at any moment; a finished one counts by when it was asked for or took effect. */
function cancels(other: MachineAction, action: MachineAction): boolean {
  if (isOpen(other)) return true;
  return (
    hasSucceeded(other) && (createdAt(other) >= createdAt(action) || updatedAt(other) > updatedAt(action))
  );
}

/** Ends the isolation that an earlier run asked for, and no other. */
export async function undoIsolation(
  { machineId, device, machineActionId, ours }: IsolationOutput,
  ctx: ActionContext,
): Promise<RunResult<unknown>> {
  const left = (why: string) => ({ state: 'already-done', output: {}, evidence: { left: why } }) as const;
  if (!ours) return left('the device had been isolated by somebody else');
  const { state, by } = isolationOf(await readIsolations(machineId, ctx));
  if ((state === 'isolated' || state === 'isolating') && by?.id !== machineActionId) {
    return left(`the device was isolated anew by machine action ${by?.id}`);
  }
  return changeIsolation('Unisolate', { machineId, device }, ctx);
}

export async function confirmUndoneIsolation(
  { machineId, device, machineActionId, ours }: IsolationOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  if (!ours) return { state: 'confirmed', proof: `${device} was left as it had been found.`, evidence: {} };
  const { state, by } = isolationOf(await readIsolations(machineId, ctx));
  if (state === 'releasing')
    return { state: 'pending', status: `Machine action ${by?.id} is ${by?.status}.` };
  if (state !== 'not-isolated' && by?.id === machineActionId) {
    return { state: 'failed', reason: `${device} is still ${state} by machine action ${by?.id}.` };
  }
  const proof =
    state === 'not-isolated'
      ? `Release ${by?.id} of ${device} was read back as Succeeded.`
      : `${device} is ${state} by a newer machine action (${by?.id}) of somebody else.`;
  return { state: 'confirmed', proof, evidence: evidenceOf(by) };
}

/** By this mark in its comment a machine action is known as ours, also after an answer was lost. */
async function referenceOf({ idempotencyKey }: ActionContext): Promise<string> {
  return `ref ${(await sha256Hex(idempotencyKey)).slice(0, 16)}`;
}

function evidenceOf(action: MachineAction | undefined): Record<string, string> {
  if (!action) return {};
  const { id, type, status, scope, requestor, creationDateTimeUtc } = action;
  return {
    machineActionId: id,
    type,
    status,
    ...(scope ? { scope } : {}),
    ...(requestor ? { requestor } : {}),
    requestedAt: creationDateTimeUtc,
  };
}

function opposed(want: Want, by: MachineAction | undefined): ResponderError {
  return new ResponderError({
    code: 'opposite-action-in-progress',
    message: `The device has a ${opposite(want)} under way (machine action ${by?.id ?? 'unknown'}).`,
    blame: 'caller',
    retry: 'later',
    next: 'Wait until it has ended or cancel it in the Defender portal.',
  });
}
