/** Machine actions, and the isolation that follows from them. https://learn.microsoft.com/defender-endpoint/api/machineaction */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

export const machineActionSchema = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  status: z.string(),
  machineId: z.string(),
  /** Of an isolation: `Full`, or `Selective`, which leaves mail and chat open. */
  scope: z.string().nullish(),
  requestor: z.string().nullish(),
  requestorComment: z.string().nullish(),
  creationDateTimeUtc: z.string(),
  /** The documentation uses both spellings. */
  lastUpdateDateTimeUtc: z.string().nullish(),
  lastUpdateTimeUtc: z.string().nullish(),
});
export type MachineAction = z.infer<typeof machineActionSchema>;
const listSchema = odataListSchema(machineActionSchema);

export async function readMachineAction(id: string, ctx: ActionContext): Promise<MachineAction> {
  const { body } = await ctx.clients.defender.get(path`/api/machineactions/${id}`, machineActionSchema, {
    signal: ctx.signal,
  });
  return body;
}

/** All machine actions of these types of a machine, newest first. */
export async function readMachineActions(
  machineId: string,
  types: readonly string[],
  ctx: ActionContext,
): Promise<MachineAction[]> {
  const { body } = await ctx.clients.defender.get(
    path`/api/machineactions?$filter=${odata`machineId eq ${machineId}`}`,
    listSchema,
    { signal: ctx.signal },
  );
  return completeList(body, 'Defender for Endpoint')
    .filter((action) => action.machineId === machineId && types.includes(action.type))
    .sort((a, b) => createdAt(b) - createdAt(a));
}

/** All isolations and releases of a machine, newest first. */
export function readIsolations(machineId: string, ctx: ActionContext): Promise<MachineAction[]> {
  return readMachineActions(machineId, ['Isolate', 'Unisolate'], ctx);
}

export const isIsolation = ({ type }: MachineAction) => type === 'Isolate';
export const isRelease = ({ type }: MachineAction) => type === 'Unisolate';
export const isOpen = ({ status }: MachineAction) => status === 'Pending' || status === 'InProgress';
export const hasSucceeded = ({ status }: MachineAction) => status === 'Succeeded';

export function createdAt({ creationDateTimeUtc }: MachineAction): number {
  return Date.parse(creationDateTimeUtc) || 0;
}

/** When it reached its current status: the action of an offline device takes effect long after its request. */
export function updatedAt(action: MachineAction): number {
  const text = action.lastUpdateDateTimeUtc ?? action.lastUpdateTimeUtc ?? action.creationDateTimeUtc;
  return Date.parse(text) || createdAt(action);
}

/**
 * Whether a machine is isolated, derived from its actions: Defender has no property for that. An action in progress may
 * take effect at any moment; a completed one counts from the time it took effect.
 */
export interface IsolationSummary {
  /** Isolations that took effect after the last release, the latest first. */
  readonly inForce: readonly MachineAction[];
  readonly openIsolations: readonly MachineAction[];
  readonly openReleases: readonly MachineAction[];
  readonly lastRelease: MachineAction | undefined;
}

/** @param actions as `readIsolations` returns them. */
export function summariseIsolation(actions: readonly MachineAction[]): IsolationSummary {
  const ended = actions.filter(hasSucceeded).sort((a, b) => updatedAt(b) - updatedAt(a));
  const last = ended.findIndex(isRelease);
  const open = actions.filter(isOpen);
  return {
    inForce: last < 0 ? ended : ended.slice(0, last),
    openIsolations: open.filter(isIsolation),
    openReleases: open.filter(isRelease),
    lastRelease: ended[last],
  };
}

export type IsolationState = 'isolated' | 'isolating' | 'releasing' | 'not-isolated';

/** An action in progress takes precedence over one in force. */
export function isolationStateOf({
  inForce,
  openIsolations,
  openReleases,
}: IsolationSummary): IsolationState {
  if (openReleases.length > 0) return 'releasing';
  if (openIsolations.length > 0) return 'isolating';
  return inForce.length > 0 ? 'isolated' : 'not-isolated';
}

/** `full isolation`, `release`: with the kind of isolation if the service reports it. */
export function actionNameOf(action: MachineAction): string {
  if (isRelease(action)) return 'release';
  return `${action.scope ? `${action.scope.toLowerCase()} ` : ''}isolation`;
}
