/** Declares a response that is a machine action of Defender: everything but the request and its effect is the same. */
import type { z } from 'zod';
import { type Captures, defineResponse, type Lasting, type Permission, type Response } from '../../define.js';
import {
  type Eligibility,
  type MachineInput,
  machineInputSchema,
  machineTargetOn,
} from './machine-target.js';

/**
 * The action of an offline device stays pending until it comes back; Defender tries for three days.
 * https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#isolate-devices-from-the-network
 */
const OFFLINE = '3d';

type MachineResponse<O> = Response<MachineInput, O, 'host'>;

/** How it acts, proves its effect and is undone: `once(…)`, or a lasting effect. */
export interface MachineEffect<O> extends Pick<MachineResponse<O>, 'run' | 'confirm' | 'undo'>, Captures<O> {
  readonly output: z.ZodType<O>;
  readonly lasting?: Lasting;
}

export interface MachineActionDeclaration<O>
  extends Pick<MachineResponse<O>, 'name' | 'title' | 'docs' | 'risk' | 'impact'>,
    Eligibility {
  /** To request it; reading machine actions needs one more. */
  readonly permission: Extract<Permission, { api: 'WindowsDefenderATP' }>['name'];
  /** The permission's purpose, as the end of "to …". */
  readonly why: string;
  readonly effect: MachineEffect<O>;
}

export function machineAction<O>(declaration: MachineActionDeclaration<O>): MachineResponse<O> {
  const { permission, why, effect, systems: _s, unmanaged: _u, ...words } = declaration;
  return defineResponse({
    ...words,
    ...effect,
    entity: 'host',
    input: machineInputSchema,
    permissions: [
      { api: 'WindowsDefenderATP', name: permission, why },
      { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'read what was done to it' },
    ],
    quota: 'defender-machine-actions',
    // It lists the actions of the machine, and requests one.
    calls: 2,
    takesUpTo: OFFLINE,
    // A second request is another action, or is refused while the first one is open.
    idempotent: false,
    target: machineTargetOn(declaration),
  });
}
