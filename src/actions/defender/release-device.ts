import { irreversible } from '../define.js';
import { isolationOutputSchema, release } from './isolation/isolation.js';
import { confirmRelease } from './isolation/isolation-proof.js';
import { machineAction } from './machines/machine-action.js';

/** Ends the isolation of a device. */
export default machineAction({
  name: 'defender.release-device',
  title: 'Release the device from isolation',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/unisolate-machine',
  permission: 'Machine.Isolate',
  why: 'release a device',
  risk: 'disruptive',
  impact: 'The device can reach the network again, and so can any malware that is still on it.',
  effect: {
    output: isolationOutputSchema,
    captures: ['before'],
    run: release,
    confirm: (_input, output, ctx) => confirmRelease(output, ctx),
    undo: irreversible('The device may have been reached meanwhile; isolating it again is a new decision.'),
    lasting: { effect: 'device-isolation', does: 'end' },
  },
});
