/** What has been done to a machine. https://learn.microsoft.com/defender-endpoint/api/machineaction */
import { z } from 'zod';
import { odata, path } from '../../domain/builders/path.js';
import type { ActionContext } from '../define.js';
import { listOf, wholeList } from './page.js';

export const machineActionSchema = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  status: z.string(),
  machineId: z.string(),
  /** `Full` or `Selective`, which leaves mail and chat open. */
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
  return wholeList(body)
    .filter(({ type, machineId: of }) => of === machineId && (type === 'Isolate' || type === 'Unisolate'))
    .sort((a, b) => createdAt(b) - createdAt(a));
}

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

export interface Isolation {
  readonly state: 'isolated' | 'isolating' | 'releasing' | 'not-isolated';
  /** The action that made it so; none where nothing was ever done. */
  readonly by: MachineAction | undefined;
}

/**
 * Whether a machine is isolated, from what was done to it: Defender has no property for that. An action under way
 * counts first, since it may still take effect; otherwise the one that succeeded last.
 */
export function isolationOf(actions: readonly MachineAction[]): Isolation {
  const open = actions.find(isOpen);
  if (open) return { state: open.type === 'Isolate' ? 'isolating' : 'releasing', by: open };
  const [last] = actions.filter(hasSucceeded).sort((a, b) => updatedAt(b) - updatedAt(a));
  return { state: last?.type === 'Isolate' ? 'isolated' : 'not-isolated', by: last };
}
