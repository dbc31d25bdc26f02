import { machineAction } from './machines/machine-action.js';
import { ISOLATION_SYSTEMS } from './machines/system-support.js';
import { FULL_ISOLATION } from './restraints/restraint.js';
import { imposing } from './restraints/restraint-effects.js';

/** Cuts a device off the network, except from Defender. */
export default machineAction({
  name: 'defender.isolate-device',
  title: 'Isolate the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/isolate-machine',
  permission: 'Machine.Isolate',
  why: 'isolate and release a device',
  risk: 'disruptive',
  impact:
    'The device loses all network connections but the one to Defender; its user cannot work until it is released.',
  systems: ISOLATION_SYSTEMS,
  effect: imposing(FULL_ISOLATION, {
    effect: 'device-isolation',
    undo: 'Releases the device from isolation, if only the responder isolated it and no other incident relies on it.',
  }),
});
