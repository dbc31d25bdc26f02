/** Resolves a host of an incident to the one machine of Defender that all identifiers belong to, or to none. */

import { z } from 'zod';
import { type EntityOf, furtherIdSchema } from '../../../domain/entities.js';
import type { TargetRecord } from '../../../domain/target.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type {
  ActionContext,
  InputOrRefusal,
  Refusal,
  Resolution,
  Resolver,
  ResponseTarget,
} from '../../define.js';
import { type Claim, claimsOf, describeClaim, isSame, verifyClaims } from '../../identifiers.js';
import { checkMachine } from './machine-identifiers.js';
import {
  findMachineById,
  findMachinesByEntraId,
  findMachinesByFullName,
  findMachinesByHostName,
  type Machine,
  machineNameOf,
} from './machines.js';

const text = z.string().min(1).optional();
const querySchema = z
  .object({
    mdeId: text.describe("Defender's machine id"),
    aadDeviceId: text.describe('Device id in Entra'),
    azureId: text.describe('ARM id of the virtual machine'),
    fqdn: text.describe('Full DNS name'),
    hostName: text.describe('Bare host name'),
    dnsDomain: text,
    further: z
      .array(furtherIdSchema)
      .optional()
      .describe('Further identifiers, and further ones of the same kinds'),
  })
  .refine(({ mdeId, aadDeviceId, fqdn, hostName }) => mdeId ?? aadDeviceId ?? fqdn ?? hostName, {
    error: 'a machine id, a device id or a name is needed',
  });
export type MachineQuery = z.infer<typeof querySchema>;

/** A machine, and the identifier by which it was found. */
export interface FoundMachine {
  readonly machine: Machine;
  readonly matchedBy: MatchedBy;
}
export const MATCHED_BY = ['mde-id', 'entra-id', 'azure-id', 'fqdn', 'host-name'] as const;
export type MatchedBy = (typeof MATCHED_BY)[number];

export const machineResolver: Resolver<'host', MachineQuery, FoundMachine> = {
  kind: 'defender.machine',
  query: querySchema,
  identify,
  async resolve(query, ctx) {
    const candidates = await candidatesOf(query, ctx);
    if (!('machines' in candidates)) return candidates;
    const { machines, searchedBy, matchedBy } = candidates;
    const claims = claimsOfHost(query);
    const verify = (machine: Machine) => verifyMachine(foundBy(machine, matchedBy, query), claims, ctx);
    const [first, ...more] = machines;
    if (first === undefined) return notFound(searchedBy);
    if (more.length === 0) return verify(first);
    // Several machines share a name or id: take the only one that all other identifiers belong to.
    const results = await Promise.all(machines.map(verify));
    const [only, ...others] = results.filter(({ ok }) => ok);
    return only !== undefined && others.length === 0
      ? only
      : ambiguous(searchedBy, machines, only !== undefined);
  },
  async read(id, ctx) {
    const machine = await findMachineById(id, ctx);
    if (machine === undefined) return notFound({ id: 'mdeId', value: id });
    const found: FoundMachine = { machine, matchedBy: 'mde-id' };
    return { ok: true, found, record: { ...recordOf(machine), agreed: [], unchecked: [] } };
  },
};

function identify(host: EntityOf<'host'>): InputOrRefusal<MachineQuery> {
  const { mdeId, aadDeviceId, azureId, fqdn, hostName, dnsDomain, further } = host;
  if (!mdeId && !aadDeviceId && !fqdn && !hostName) {
    return {
      ok: false,
      code: 'target-unknown',
      reason: 'Defender has no machine with the identifiers of this host.',
    };
  }
  const given = { mdeId, aadDeviceId, azureId, fqdn, hostName, dnsDomain, further };
  const input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ok: true, input };
}

/** Best identifier first. */
function claimsOfHost(query: MachineQuery): Claim[] {
  const { mdeId, aadDeviceId, azureId, fqdn, hostName, dnsDomain, further } = query;
  return claimsOf(
    [
      ['mdeId', mdeId],
      ['aadDeviceId', aadDeviceId],
      ['azureId', azureId],
      ['fqdn', fqdn],
      ['hostName', hostName],
      ['dnsDomain', dnsDomain],
    ],
    further,
  );
}

interface Candidates {
  readonly machines: readonly Machine[];
  readonly matchedBy: MatchedBy;
  readonly searchedBy: Claim;
}

/** The machines with the best identifier. The other identifiers are compared with them. */
async function candidatesOf(query: MachineQuery, ctx: ActionContext): Promise<Candidates | Refusal> {
  const { mdeId, aadDeviceId, fqdn, hostName } = query;
  if (mdeId !== undefined) {
    const machine = await findMachineById(mdeId, ctx);
    const machines = machine === undefined ? [] : [machine];
    return { machines, matchedBy: 'mde-id', searchedBy: { id: 'mdeId', value: mdeId } };
  }
  if (aadDeviceId !== undefined) {
    const machines = await findMachinesByEntraId(aadDeviceId, ctx);
    return { machines, matchedBy: 'entra-id', searchedBy: { id: 'aadDeviceId', value: aadDeviceId } };
  }
  if (fqdn !== undefined) {
    const machines = await findMachinesByFullName(fqdn, ctx);
    return { machines, matchedBy: 'fqdn', searchedBy: { id: 'fqdn', value: fqdn } };
  }
  if (hostName !== undefined) {
    const named = await findMachinesByHostName(hostName, ctx);
    const inAzure = named.filter((machine) => isResource(machine, query));
    const machines = inAzure.length > 0 ? inAzure : named;
    return { machines, matchedBy: 'host-name', searchedBy: { id: 'hostName', value: hostName } };
  }
  return {
    ok: false,
    code: 'target-unknown',
    reason: 'The host has no identifier that Defender can be queried by.',
  };
}

/** A bare name is no identity, but its Azure resource in Defender is one. */
function foundBy(machine: Machine, matchedBy: MatchedBy, query: MachineQuery): FoundMachine {
  const isAzure = matchedBy === 'host-name' && isResource(machine, query);
  return { machine, matchedBy: isAzure ? 'azure-id' : matchedBy };
}

function isResource({ vmMetadata }: Machine, { azureId }: MachineQuery): boolean {
  return isSame(vmMetadata?.resourceId, azureId);
}

function verifyMachine(
  found: FoundMachine,
  claims: readonly Claim[],
  ctx: ActionContext,
): Promise<Resolution<FoundMachine>> {
  const check = (claim: Claim) => checkMachine(found.machine, claim, ctx);
  return verifyClaims(found, recordOf(found.machine), claims, check);
}

function recordOf(machine: Machine): Pick<TargetRecord, 'kind' | 'id' | 'name' | 'ids'> {
  const { id, aadDeviceId, vmMetadata } = machine;
  const resourceId = vmMetadata?.resourceId;
  const ids = {
    ...(aadDeviceId ? { aadDeviceId: lowerCase(aadDeviceId) } : {}),
    ...(resourceId ? { azureId: lowerCase(resourceId) } : {}),
  };
  return { kind: 'defender.machine', id, name: visible(machineNameOf(machine)), ids };
}

function notFound(searchedBy: Claim): Refusal {
  const reason = `Defender for Endpoint knows no machine by ${describeClaim(searchedBy)}.`;
  return { ok: false, code: 'not-found', reason };
}

const MOST_NAMED = 5;

/** Lists the machines, so an analyst can choose. */
function ambiguous(searchedBy: Claim, machines: readonly Machine[], several: boolean): Refusal {
  const named = machines
    .slice(0, MOST_NAMED)
    .map(({ id, lastSeen }) => `${id}${lastSeen ? `, last seen ${visible(lastSeen)}` : ''}`);
  const more = machines.length > MOST_NAMED ? `; and ${machines.length - MOST_NAMED} more` : '';
  const which = several ? '' : ', and what else the incident says belongs to none of them';
  const reason = `${machines.length} machines in Defender for Endpoint have ${describeClaim(searchedBy)}${which}: ${named.join('; ')}${more}.`;
  return { ok: false, code: several ? 'ambiguous-target' : 'identifiers-disagree', reason };
}

/** Input of a response on a device. */
export const machineInputSchema = z.object({
  machineId: z.string().min(1).describe("Defender's machine id"),
  device: z.string().describe('Name of the device in Defender with its id, for people'),
});
export type MachineInput = z.infer<typeof machineInputSchema>;
export type MachineTarget = ResponseTarget<MachineInput, FoundMachine>;
