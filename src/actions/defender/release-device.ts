import { machineAction } from './machines/machine-action.js';
import { FULL_ISOLATION } from './restraints/restraint.js';
import { lifting } from './restraints/restraint-effects.js';

/** Ends the isolation of a device, full or selective. */
export default machineAction({
  name: 'defender.release-device',
  title: 'Release the device from isolation',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/unisolate-machine',
  permission: 'Machine.Isolate',
  why: 'release a device',
  risk: 'disruptive',
  impact: 'The device can reach the network again, and so can any malware that is still on it.',
  effect: lifting(FULL_ISOLATION, {
    effect: 'device-isolation',
    noUndo: 'The device may have been reached meanwhile; isolating it again is a new decision.',
  }),
});
