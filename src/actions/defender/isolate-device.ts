import { isolate, isolationOutputSchema } from './isolation/isolation.js';
import { confirmIsolation } from './isolation/isolation-proof.js';
import { confirmUndoneIsolation, undoIsolation } from './isolation/isolation-undo.js';
import { machineAction } from './machines/machine-action.js';

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
  effect: {
    output: isolationOutputSchema,
    captures: ['before'],
    run: isolate,
    confirm: (_input, output, ctx) => confirmIsolation(output, ctx),
    undo: {
      describe:
        'Releases the device from isolation, if only the responder isolated it and no other incident relies on it.',
      run: (_input, output, ctx, others) => undoIsolation(output, ctx, others),
      confirm: (_input, output, ctx, others) => confirmUndoneIsolation(output, ctx, others),
    },
    lasting: { effect: 'device-isolation', does: 'begin' },
  },
});
