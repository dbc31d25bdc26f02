import { foundMachine, machineInputSchema } from '../defender/found-machine.js';
import { changeIsolation, isolationOutputSchema, undoIsolation } from '../defender/isolation.js';
import { confirmIsolation, confirmUndoneIsolation } from '../defender/isolation-proof.js';
import { defineResponse } from '../define.js';

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
  target: foundMachine,
  run: (input, ctx) => changeIsolation('Isolate', input, ctx),
  confirm: (_input, output, ctx) => confirmIsolation('Isolate', output, ctx),
  undo: {
    describe: 'Releases the device from isolation, if this response isolated it and nobody has done so anew.',
    run: (_input, output, ctx) => undoIsolation(output, ctx),
    confirm: (_input, output, ctx) => confirmUndoneIsolation(output, ctx),
  },
});
