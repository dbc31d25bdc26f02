import { defineResponse } from '../define.js';
import { machineInputSchema, machineTarget } from './machines/machine-target.js';
import {
  confirmTagged,
  deviceTagOutputSchema,
  deviceTagPermissions,
  setTagged,
  undoTagged,
} from './tags/device-tag.js';

/** Tags a device as one that is being investigated. */
export default defineResponse({
  name: 'defender.tag-device',
  title: 'Tag the device as under investigation',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/add-or-remove-machine-tags',
  entity: 'host',
  input: machineInputSchema,
  output: deviceTagOutputSchema,
  permissions: deviceTagPermissions,
  quota: 'defender-machines',
  calls: 3,
  risk: 'reversible',
  impact:
    'The device gets the tag “Under investigation”. A device group whose rules name that tag takes it in, with its permissions and its level of automation.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: machineTarget,
  run: (input, ctx) => setTagged(true, input, ctx),
  confirm: (input, _output, ctx) => confirmTagged(true, input, ctx),
  undo: {
    describe:
      'Removes the tag, if the device did not have it before the responder and no other incident relies on it.',
    run: (input, output, ctx, others) => undoTagged(true, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmTagged(false, input, ctx),
  },
  lasting: { effect: 'device-tag', does: 'begin' },
});
