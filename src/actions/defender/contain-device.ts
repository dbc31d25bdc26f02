import { irreversible } from '../define.js';
import { machineAction } from './machines/machine-action.js';
import { impose } from './restraints/impose.js';
import { confirmImposed } from './restraints/proof.js';
import { CONTAINMENT, restraintOutputSchema } from './restraints/restraint.js';

/** Lets the onboarded devices block all traffic from and to one that is not onboarded. */
export default machineAction({
  name: 'defender.contain-device',
  title: 'Contain the device that Defender does not manage',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/isolate-machine',
  permission: 'Machine.Isolate',
  why: 'contain a device that is not onboarded',
  risk: 'disruptive',
  impact:
    'Onboarded Windows devices stop talking to this device, within minutes; it still reaches all other devices.',
  unmanaged: true,
  effect: {
    output: restraintOutputSchema(CONTAINMENT),
    captures: ['before'],
    run: (input, ctx) => impose(CONTAINMENT, input, ctx),
    confirm: (_input, output, ctx) => confirmImposed(CONTAINMENT, output, ctx),
    undo: irreversible(
      'Defender documents no call that ends a containment: release the device from containment in the Defender portal.',
    ),
  },
});
