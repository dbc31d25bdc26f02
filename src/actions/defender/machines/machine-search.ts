/** Searches the machines of a host: by each of its identifiers, the best one first, until Defender knows one. */
import type { z } from 'zod';
import { foundBySchema } from '../../../domain/found-by.js';
import type { ActionContext } from '../../define.js';
import { type Claim, isSame } from '../../identifiers.js';
import type { MachineQuery } from './machine-query.js';
import {
  findMachineById,
  findMachinesByEntraId,
  findMachinesByFullName,
  findMachinesByHostName,
  labelOf,
  type Machine,
  machineNameOf,
} from './machines.js';

export const machineFoundBySchema = foundBySchema.extract([
  'defender-id',
  'entra-device-id',
  'azure-id',
  'full-name',
  'short-name',
]);
export type MachineFoundBy = z.infer<typeof machineFoundBySchema>;

export interface SearchStep {
  readonly claim: Claim;
  readonly foundBy: MachineFoundBy;
  run(ctx: ActionContext): Promise<readonly Machine[]>;
}

export function searchSteps(query: MachineQuery): SearchStep[] {
  const { mdeId, aadDeviceId, azureId, fqdn, hostName } = query;
  const name = hostName ?? (fqdn === undefined ? undefined : labelOf(fqdn));
  return [
    step('mdeId', mdeId, 'defender-id', async (id, ctx) => {
      const machine = await findMachineById(id, ctx);
      return machine === undefined ? [] : [machine];
    }),
    step('aadDeviceId', aadDeviceId, 'entra-device-id', findMachinesByEntraId),
    step('azureId', azureId, 'azure-id', (id, ctx) => findMachinesByAzureId(id, hostName, ctx)),
    step('fqdn', fqdn, 'full-name', findMachinesByFullName),
    step('hostName', name, 'short-name', async (label, ctx) => {
      const named = await findMachinesByHostName(label, ctx);
      // With another domain it is another machine. Outside any domain, Defender lists a machine under its short name.
      return fqdn === undefined ? named : named.filter((machine) => !machineNameOf(machine).includes('.'));
    }),
  ].flatMap((one) => one ?? []);
}

function step(
  id: Claim['id'],
  value: string | undefined,
  foundBy: MachineFoundBy,
  find: (value: string, ctx: ActionContext) => Promise<readonly Machine[]>,
): SearchStep | undefined {
  return value === undefined ? undefined : { claim: { id, value }, foundBy, run: (ctx) => find(value, ctx) };
}

/** Defender cannot be queried by the resource: the last part of its id is usually the machine's name. */
export async function findMachinesByAzureId(
  azureId: string,
  hostName: string | undefined,
  ctx: ActionContext,
): Promise<readonly Machine[]> {
  const names = new Set([azureId.split('/').at(-1) ?? '', hostName ?? ''].map(labelOf));
  const found: Machine[] = [];
  for (const name of names) if (name !== '') found.push(...(await findMachinesByHostName(name, ctx)));
  return found.filter(({ vmMetadata }) => isSame(vmMetadata?.resourceId, azureId));
}
