/** Declares a response that adds or removes the tag: everything but its words is the same. */
import { defineResponse, type Response } from '../../define.js';
import { type MachineInput, machineInputSchema, machineTarget } from '../machines/machine-target.js';
import {
  confirmTagged,
  type DeviceTagOutput,
  deviceTagOutputSchema,
  deviceTagPermissions,
  setTagged,
  undoTagged,
} from './device-tag.js';

type TagResponse = Response<MachineInput, DeviceTagOutput, 'host'>;

interface TagDeclaration extends Pick<TagResponse, 'name' | 'title' | 'impact'> {
  /** Whether the device has the tag afterwards. */
  readonly tagged: boolean;
  /** What its undo does, for people. */
  readonly undo: string;
}

export function deviceTagAction({ tagged, undo, ...words }: TagDeclaration): TagResponse {
  return defineResponse({
    ...words,
    docs: 'https://learn.microsoft.com/defender-endpoint/api/add-or-remove-machine-tags',
    entity: 'host',
    input: machineInputSchema,
    output: deviceTagOutputSchema,
    permissions: deviceTagPermissions,
    quota: 'defender-machines',
    calls: 3,
    risk: 'reversible',
    takesUpTo: '15m',
    idempotent: true,
    captures: ['before'],
    target: machineTarget,
    run: (input, ctx) => setTagged(tagged, input, ctx),
    confirm: (input, _output, ctx) => confirmTagged(tagged, input, ctx),
    undo: {
      describe: undo,
      run: (input, output, ctx, others) => undoTagged(tagged, input, output, ctx, others),
      confirm: (input, _output, ctx) => confirmTagged(!tagged, input, ctx),
    },
    lasting: { effect: 'device-tag', does: tagged ? 'begin' : 'end' },
  });
}
