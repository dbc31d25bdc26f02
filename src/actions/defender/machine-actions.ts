/** What has been done to a machine. https://learn.microsoft.com/defender-endpoint/api/machineaction */
import { z } from 'zod';
import { odata, path } from '../../domain/builders/path.js';
import type { ActionContext } from '../define.js';
import { listOf, wholeList } from '../page.js';

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
  /** The documentation writes it both ways. */
  lastUpdateDateTimeUtc: z.string().nullish(),
  lastUpdateTimeUtc: z.string().nullish(),
});
export type MachineAction = z.infer<typeof machineActionSchema>;
const listSchema = listOf(machineActionSchema);

export async function readMachineAction(id: string, ctx: ActionContext): Promise<MachineAction> {
  const { body } = await ctx.clients.defender.get(path`/api/machineactions/${id}`, machineActionSchema, {
    signal: ctx.signal,
  });
  return body;
}

/** All isolations and releases of a machine, newest first. */
export async function readIsolations(machineId: string, ctx: ActionContext): Promise<MachineAction[]> {
  const { body } = await ctx.clients.defender.get(
    path`/api/machineactions?$filter=${odata`machineId eq ${machineId}`}`,
    listSchema,
    { signal: ctx.signal },
  );
  return wholeList(body, 'Defender for Endpoint')
    .filter((action) => action.machineId === machineId && (isIsolation(action) || isRelease(action)))
    .sort((a, b) => createdAt(b) - createdAt(a));
}

export const isIsolation = ({ type }: MachineAction) => type === 'Isolate';
export const isRelease = ({ type }: MachineAction) => type === 'Unisolate';
export const isOpen = ({ status }: MachineAction) => status === 'Pending' || status === 'InProgress';
export const hasSucceeded = ({ status }: MachineAction) => status === 'Succeeded';

export function createdAt({ creationDateTimeUtc }: MachineAction): number {
  return Date.parse(creationDateTimeUtc) || 0;
}

/** When it reached its present status: an action of an offline device takes effect long after it was asked for. */
export function updatedAt(action: MachineAction): number {
  const text = action.lastUpdateDateTimeUtc ?? action.lastUpdateTimeUtc ?? action.creationDateTimeUtc;
  return Date.parse(text) || createdAt(action);
}

/**
 * Whether a machine is isolated, from what was done to it: Defender has no property for that. An action under way may
 * still take effect, at any moment; of those that ended, what counts is when they took effect.
 */
export interface Isolation {
  /** Isolations that took effect since the last release did, the latest first. */
  readonly inForce: readonly MachineAction[];
  readonly openIsolations: readonly MachineAction[];
  readonly openReleases: readonly MachineAction[];
  readonly lastRelease: MachineAction | undefined;
}

/** `actions`: as `readIsolations` gives them. */
export function isolationOf(actions: readonly MachineAction[]): Isolation {
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

/** What is under way counts before what is in force. */
export function stateOf({ inForce, openIsolations, openReleases }: Isolation): IsolationState {
  if (openReleases.length > 0) return 'releasing';
  if (openIsolations.length > 0) return 'isolating';
  return inForce.length > 0 ? 'isolated' : 'not-isolated';
}

/** `full isolation`, `release`: with the kind of isolation where the service says it. */
export function nameOf(action: MachineAction): string {
  if (isRelease(action)) return 'release';
  return `${action.scope ? `${action.scope.toLowerCase()} ` : ''}isolation`;
}
