/** Finding the one machine that a host entity stands for. https://learn.microsoft.com/defender-endpoint/api/machine */
import { z } from 'zod';
import { odata, path } from '../../domain/builders/path.js';
import type { EntityOf } from '../../domain/entities.js';
import { ResponderError } from '../../domain/errors.js';
import type { ActionContext, Target } from '../define.js';
import { listOf, wholeList } from './page.js';

export const machineSchema = z.looseObject({
  id: z.string().min(1),
  computerDnsName: z.string().nullish(),
  osPlatform: z.string().nullish(),
  healthStatus: z.string().nullish(),
  onboardingStatus: z.string().nullish(),
  riskScore: z.string().nullish(),
  exposureLevel: z.string().nullish(),
  deviceValue: z.string().nullish(),
  aadDeviceId: z.string().nullish(),
  rbacGroupName: z.string().nullish(),
  machineTags: z.array(z.string()).nullish(),
  lastSeen: z.string().nullish(),
  lastIpAddress: z.string().nullish(),
  lastExternalIpAddress: z.string().nullish(),
});
export type Machine = z.infer<typeof machineSchema>;

/** How a host is looked up: by Defender's own id, else by its full name, else by its bare name. */
export const hostInputSchema = z
  .object({
    mdeId: z.string().optional().describe("Defender's machine id, 40 hexadecimal digits"),
    fqdn: z.string().optional().describe('Full DNS name'),
    hostName: z.string().optional().describe('Bare host name'),
  })
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    error: 'a machine id, a full name or a host name is needed',
  });
export type HostInput = z.infer<typeof hostInputSchema>;

export function hostInput({ mdeId, fqdn, hostName }: EntityOf<'host'>): Target<HostInput> {
  if (mdeId) return { ok: true, input: { mdeId } };
  if (fqdn) return { ok: true, input: { fqdn } };
  if (hostName) return { ok: true, input: { hostName } };
  return {
    ok: false,
    code: 'target-unknown',
    reason: 'Defender knows no machine by what is known of this host.',
  };
}

export type MatchedBy = 'mde-id' | 'fqdn' | 'host-name';

/**
 * The machine of a host: exactly one, or an error.
 * @throws ResponderError `ambiguous-device` for several machines, `not-found` for none.
 */
export async function findMachine(
  input: HostInput,
  ctx: ActionContext,
): Promise<{ machine: Machine; matchedBy: MatchedBy }> {
  const { signal } = ctx;
  if (input.mdeId) {
    const { body } = await ctx.clients.defender.get(path`/api/machines/${input.mdeId}`, machineSchema, {
      signal,
    });
    return { machine: body, matchedBy: 'mde-id' };
  }
  const name = (input.fqdn ?? input.hostName ?? '').toLowerCase();
  const filter = input.fqdn ? odata`computerDnsName eq ${name}` : odata`startswith(computerDnsName,${name})`;
  const { body } = await ctx.clients.defender.get(path`/api/machines?$filter=${filter}`, machineListSchema, {
    signal,
  });
  return {
    machine: exactlyOne(wholeList(body).filter(isNamed(name))),
    matchedBy: input.fqdn ? 'fqdn' : 'host-name',
  };
}

const machineListSchema = listOf(machineSchema);

/** A name that only starts the same is another machine. */
function isNamed(name: string): (machine: Machine) => boolean {
  return ({ computerDnsName }) => {
    const own = computerDnsName?.toLowerCase() ?? '';
    return own === name || own.startsWith(`${name}.`);
  };
}

function exactlyOne(machines: readonly Machine[]): Machine {
  const [machine] = machines;
  if (machine === undefined) {
    throw new ResponderError({
      code: 'not-found',
      message: 'Defender for Endpoint knows no machine of this name.',
      blame: 'caller',
      retry: 'no',
      next: 'Check that the host is onboarded to Defender for Endpoint.',
    });
  }
  if (machines.length > 1) {
    throw new ResponderError({
      code: 'ambiguous-device',
      message: `${machines.length} machines in Defender for Endpoint match the name of this host.`,
      blame: 'caller',
      retry: 'no',
      next: 'Choose the machine by hand in the Defender portal: a name alone is never acted on.',
    });
  }
  return machine;
}
