import { defineResponse } from '../define.js';
import { machineInputSchema, machineTarget } from './machines/machine-target.js';
import {
  confirmTagged,
  deviceTagOutputSchema,
  deviceTagPermissions,
  setTagged,
  undoTagged,
} from './tags/device-tag.js';

/** Removes the tag of a device that is no longer being investigated. */
export default defineResponse({
  name: 'defender.untag-device',
  title: 'Remove the tag “Under investigation” from the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/add-or-remove-machine-tags',
  entity: 'host',
  input: machineInputSchema,
  output: deviceTagOutputSchema,
  permissions: deviceTagPermissions,
  quota: 'defender-machines',
  calls: 3,
  risk: 'reversible',
  impact: 'The device loses the tag “Under investigation”, and leaves the device groups whose rules name it.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: machineTarget,
  run: (input, ctx) => setTagged(false, input, ctx),
  confirm: (input, _output, ctx) => confirmTagged(false, input, ctx),
  undo: {
    describe: 'Adds the tag again, if the responder removed it.',
    run: (input, output, ctx, others) => undoTagged(false, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmTagged(true, input, ctx),
  },
  lasting: { effect: 'device-tag', does: 'end' },
});
