import { defineResponse } from '../define.js';
import { isolate, isolationOutputSchema } from './isolation/isolation.js';
import { confirmIsolation } from './isolation/isolation-proof.js';
import { confirmUndoneIsolation, undoIsolation } from './isolation/isolation-undo.js';
import { machineInputSchema, machineTarget } from './machines/machine-target.js';

/** Cuts a device off the network, except from Defender. */
export default defineResponse({
  name: 'defender.isolate-device',
  title: 'Isolate the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/isolate-machine',
  entity: 'host',
  input: machineInputSchema,
  output: isolationOutputSchema,
  permissions: [
    { api: 'WindowsDefenderATP', name: 'Machine.Isolate', why: 'isolate and release a device' },
    { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'read what was done to it' },
  ],
  quota: 'defender-machine-actions',
  risk: 'disruptive',
  impact:
    'The device loses all network connections but the one to Defender; its user cannot work until it is released.',
  target: machineTarget,
  run: isolate,
  confirm: (_input, output, ctx) => confirmIsolation(output, ctx),
  undo: {
    describe:
      'Releases the device from isolation, if only the responder isolated it and no other incident relies on it.',
    run: (_input, output, ctx, others) => undoIsolation(output, ctx, others),
    confirm: (_input, output, ctx, others) => confirmUndoneIsolation(output, ctx, others),
  },
  lasting: { effect: 'device-isolation', does: 'begin' },
});
