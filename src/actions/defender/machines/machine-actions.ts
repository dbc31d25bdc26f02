/** Machine actions. https://learn.microsoft.com/defender-endpoint/api/machineaction */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

export const machineActionSchema = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  status: z.string(),
  machineId: z.string(),
  /** Of an isolation: `Full`, or `Selective`, which leaves mail and Teams open. */
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
