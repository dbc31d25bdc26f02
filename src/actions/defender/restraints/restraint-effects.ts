/** The effects of machine actions that restrain a device, and that end a restraint. */
import type { LastingEffect } from '../../../domain/lasting-effect.js';
import { irreversible } from '../../define.js';
import type { MachineEffect } from '../machines/machine-action.js';
import { impose, lift } from './impose.js';
import { confirmImposed, confirmLifted } from './proof.js';
import { type Restraint, type RestraintOutput, restraintOutputSchema } from './restraint.js';
import { confirmUndone, undoRestraint } from './undo.js';

interface Imposing {
  readonly effect: LastingEffect;
  /** What its undo does, for people. */
  readonly undo: string;
}
interface Lifting {
  readonly effect: LastingEffect;
  /** Why there is no undo. */
  readonly noUndo: string;
}

export function imposing(restraint: Restraint, { effect, undo }: Imposing): MachineEffect<RestraintOutput> {
  return {
    output: restraintOutputSchema(restraint),
    captures: ['before'],
    run: (input, ctx) => impose(restraint, input, ctx),
    confirm: (_input, output, ctx) => confirmImposed(restraint, output, ctx),
    undo: {
      describe: undo,
      run: (_input, output, ctx, others) => undoRestraint(restraint, output, ctx, others),
      confirm: (_input, output, ctx, others) => confirmUndone(restraint, output, ctx, others),
    },
    lasting: { effect, does: 'begin' },
  };
}

export function lifting(restraint: Restraint, { effect, noUndo }: Lifting): MachineEffect<RestraintOutput> {
  return {
    output: restraintOutputSchema(restraint),
    captures: ['before'],
    run: (input, ctx) => lift(restraint, input, ctx),
    confirm: (_input, output, ctx) => confirmLifted(restraint, output, ctx),
    undo: irreversible(noUndo),
    lasting: { effect, does: 'end' },
  };
}
