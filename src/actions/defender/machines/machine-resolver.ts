/** Resolves a host of an incident to the one machine of Defender that all identifiers belong to, or to none. */

import { z } from 'zod';
import { found } from '../../../domain/found-by.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, Refusal, Resolution, Resolver, ResponseTarget } from '../../define.js';
import { type Claim, describeClaim, type FoundRecord, verifyClaims } from '../../identifiers.js';
import { chooseMachine, isLatest, machineFacts } from './machine-choice.js';
import { checkMachine } from './machine-identifiers.js';
import { currentRecord } from './machine-lineage.js';
import { claimsOfHost, type MachineQuery, machineQuery, machineQuerySchema } from './machine-query.js';
import { type MachineFoundBy, type SearchStep, searchSteps } from './machine-search.js';
import { findMachineById, type Machine, machineNameOf } from './machines.js';

/** A machine, and the identifier by which it was found. */
export interface FoundMachine {
  readonly machine: Machine;
  readonly foundBy: MachineFoundBy;
}

export const machineResolver: Resolver<'host', MachineQuery, FoundMachine> = {
  kind: 'defender.machine',
  query: machineQuerySchema,
  identify: machineQuery,
  async resolve(query, ctx) {
    const tried: Claim[] = [];
    for (const step of searchSteps(query)) {
      tried.push(step.claim);
      const machines = await step.run(ctx);
      if (machines.length > 0) return resolveAmong(machines, step, query, ctx);
    }
    return notFound(tried);
  },
  async read(id, ctx) {
    const machine = await findMachineById(id, ctx);
    if (machine === undefined) return notFound([{ id: 'mdeId', value: id }]);
    const record = recordOf(machine, 'defender-id', []);
    return {
      ok: true,
      found: { machine, foundBy: 'defender-id' },
      record: { ...record, agreed: [], unchecked: [] },
    };
  },
};

/** The only machine that all identifiers belong to. Of several, the only one in use. */
async function resolveAmong(
  machines: readonly Machine[],
  { claim, foundBy }: SearchStep,
  query: MachineQuery,
  ctx: ActionContext,
): Promise<Resolution<FoundMachine>> {
  const current = new Map<string, { readonly machine: Machine; readonly notes: string[] }>();
  for (const one of machines) {
    const lineage = await currentRecord(one, ctx);
    if (lineage.machine === undefined) {
      return { ok: false, code: 'unsupported-target', reason: lineage.reason };
    }
    const { machine, merged } = lineage;
    const notes = merged.map(({ id }) => `Defender has merged its record ${id} into this one.`);
    current.set(machine.id, { machine, notes: [...(current.get(machine.id)?.notes ?? []), ...notes] });
  }
  const claims = claimsOfHost(query);
  const all = [...current.values()];
  const results = await Promise.all(
    all.map(({ machine, notes }) =>
      verifyClaims({ machine, foundBy }, recordOf(machine, foundBy, notes), claims, (one) =>
        checkMachine(machine, one, ctx),
      ),
    ),
  );
  const [first, ...more] = results;
  if (first !== undefined && more.length === 0) return first;
  const agreed = results.flatMap((result) => (result.ok ? [result] : []));
  const named = all.map(({ machine }) => machine);
  if (agreed.length === 0) return ambiguous(claim, named, 'identifiers-disagree');
  const now = ctx.clock.now();
  const possible = agreed.map(({ found: { machine } }) => machine);
  const { left, stale } = chooseMachine(possible, now);
  const [only, ...others] = left;
  const chosen = agreed.find((result) => result.found.machine === only);
  if (only === undefined || chosen === undefined || others.length > 0) return ambiguous(claim, named);
  // A record that has no such identifier does not contradict, also if it is an old one of the same device.
  const contradicted = named.filter((machine) => !possible.includes(machine));
  if (contradicted.length > 0 && !isLatest(only, contradicted, now)) return ambiguous(claim, named);
  return stale.length === 0 ? chosen : withNote(chosen, leftOut(claim, stale));
}

function withNote(chosen: Extract<Resolution<FoundMachine>, { ok: true }>, note: string): typeof chosen {
  const { record } = chosen;
  return { ...chosen, record: { ...record, notes: [...(record.notes ?? []), note] } };
}

function recordOf(machine: Machine, foundBy: MachineFoundBy, notes: readonly string[]): FoundRecord {
  const { id, aadDeviceId, vmMetadata } = machine;
  const resourceId = vmMetadata?.resourceId;
  const ids = {
    ...(aadDeviceId ? { aadDeviceId: lowerCase(aadDeviceId) } : {}),
    ...(resourceId ? { azureId: lowerCase(resourceId) } : {}),
  };
  const how = found(foundBy);
  return {
    kind: 'defender.machine',
    id,
    name: visible(machineNameOf(machine)),
    ...how,
    ...(how.certainty === 'candidate' ? { facts: factsOf(machine) } : {}),
    ids,
    ...(notes.length === 0 ? {} : { notes: [...notes] }),
  };
}

/** `Windows11, risk High, last seen 2026-03-10T08:09:51Z`. */
function factsOf({ osPlatform, riskScore, healthStatus, lastSeen }: Machine): string {
  return [
    visible(osPlatform ?? '') || 'unknown operating system',
    `risk ${visible(riskScore ?? '') || 'unknown'}`,
    ...(healthStatus ? [visible(healthStatus)] : []),
    `last seen ${visible(lastSeen ?? '') || 'at an unknown time'}`,
  ].join(', ');
}

function notFound(tried: readonly Claim[]): Refusal {
  const reason = `Defender for Endpoint knows no machine by ${tried.map(describeClaim).join(', or by ')}.`;
  return { ok: false, code: 'not-found', reason };
}

const MOST_NAMED = 5;

function listed(machines: readonly Machine[]): string {
  const named = machines.slice(0, MOST_NAMED).map(machineFacts);
  const more = machines.length > MOST_NAMED ? `; and ${machines.length - MOST_NAMED} more` : '';
  return `${named.join('; ')}${more}`;
}

/** Lists the machines, so an analyst can choose. */
function ambiguous(
  searchedBy: Claim,
  machines: readonly Machine[],
  code: 'ambiguous-target' | 'identifiers-disagree' = 'ambiguous-target',
): Refusal {
  const which =
    code === 'ambiguous-target' ? '' : ', and what else the incident says belongs to none of them';
  const reason = `${machines.length} machines in Defender for Endpoint have ${describeClaim(searchedBy)}${which}: ${listed(machines)}.`;
  return { ok: false, code, reason };
}

function leftOut(searchedBy: Claim, stale: readonly Machine[]): string {
  const records = stale.length === 1 ? '1 stale record' : `${stale.length} stale records`;
  return `${records} with ${describeClaim(searchedBy)} left out: ${listed(stale)}.`;
}

/** Input of a response on a device. */
export const machineInputSchema = z.object({
  machineId: z.string().min(1).describe("Defender's machine id"),
  device: z.string().describe('Name of the device in Defender with its id, for people'),
});
export type MachineInput = z.infer<typeof machineInputSchema>;
export type MachineTarget = ResponseTarget<MachineInput, FoundMachine>;
