import { defineResponse, irreversible } from '../define.js';
import { isolationOutputSchema, release } from './isolation/isolation.js';
import { confirmRelease } from './isolation/isolation-proof.js';
import { machineInputSchema, machineTarget } from './machines/machine-target.js';

/** Ends the isolation of a device. */
export default defineResponse({
  name: 'defender.release-device',
  title: 'Release the device from isolation',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/unisolate-machine',
  entity: 'host',
  input: machineInputSchema,
  output: isolationOutputSchema,
  permissions: [
    { api: 'WindowsDefenderATP', name: 'Machine.Isolate', why: 'release a device' },
    { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'read what was done to it' },
  ],
  quota: 'defender-machine-actions',
  risk: 'disruptive',
  impact: 'The device can reach the network again, and so can any malware that is still on it.',
  target: machineTarget,
  run: release,
  confirm: (_input, output, ctx) => confirmRelease(output, ctx),
  undo: irreversible('The device may have been reached meanwhile; isolating it again is a new decision.'),
  lasting: { effect: 'device-isolation', does: 'end' },
});
