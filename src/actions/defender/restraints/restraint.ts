/** What a machine can be restrained by until someone ends it: an isolation, a restriction of what it executes. */
import { z } from 'zod';
import type { MachineAction } from '../machines/machine-actions.js';
import { hasReference, type MachineRequest } from '../machines/machine-requests.js';

/** Two types of machine actions: one begins it, the other ends it. */
export interface Restraint {
  readonly begin: MachineRequest;
  readonly end: MachineRequest;
  /** Whether a restraint of this scope, as Defender reports it, has at least the approved effect. */
  suffices(scope: string): boolean;
  /** Defender reports no scope for this type of action. */
  readonly hasNoScope?: true;
  /** The states of the output's `before`: in force, beginning, ending, none. */
  readonly before: readonly [string, string, string, string];
  readonly words: {
    /** `isolation` */
    readonly begin: string;
    /** `release` */
    readonly end: string;
    /** `isolated` */
    readonly inForce: string;
    /** `isolated fully`: what was approved. */
    readonly approved: string;
  };
}

const isolation = {
  end: { type: 'Unisolate', call: 'unisolate' },
  before: ['isolated', 'isolating', 'releasing', 'not-isolated'],
} as const;
const isolate = (IsolationType: string): MachineRequest => ({
  type: 'Isolate',
  call: 'isolate',
  body: { IsolationType },
});
const words = { begin: 'isolation', end: 'release', inForce: 'isolated' };

/** https://learn.microsoft.com/defender-endpoint/api/isolate-machine */
export const FULL_ISOLATION: Restraint = {
  ...isolation,
  begin: isolate('Full'),
  suffices: (scope) => scope === 'full',
  words: { ...words, approved: 'isolated fully' },
};

/** Leaves Outlook and Teams open. A full isolation has at least its effect. */
export const SELECTIVE_ISOLATION: Restraint = {
  ...isolation,
  begin: isolate('Selective'),
  suffices: (scope) => scope === 'full' || scope === 'selective',
  words: { ...words, approved: 'isolated, fully or selectively' },
};

const CONTAINED = 'unmanageddevice';
/** Of a device that is not onboarded: the onboarded ones block its traffic. */
export const CONTAINMENT: Restraint = {
  ...isolation,
  begin: isolate('UnManagedDevice'),
  suffices: (scope) => scope === CONTAINED,
  words: { ...words, begin: 'containment', inForce: 'contained', approved: 'contained' },
};

/**
 * Only files that are signed with a certificate of Microsoft run.
 * https://learn.microsoft.com/defender-endpoint/api/restrict-code-execution
 */
export const CODE_RESTRICTION: Restraint = {
  begin: { type: 'RestrictCodeExecution', call: 'restrictCodeExecution' },
  end: { type: 'UnrestrictCodeExecution', call: 'unrestrictCodeExecution' },
  suffices: () => true,
  hasNoScope: true,
  before: ['restricted', 'restricting', 'lifting', 'not-restricted'],
  words: {
    begin: 'restriction of code execution',
    end: 'removal of the restriction',
    inForce: 'restricted',
    approved: 'restricted',
  },
};

export const restraintOutputSchema = ({ before }: Restraint) =>
  z.object({
    machineId: z.string(),
    device: z.string(),
    machineActionId: z
      .string()
      .optional()
      .describe('The machine action of the effect; absent if none was needed'),
    initiatedByUs: z
      .boolean()
      .describe('This incident requested it; false: someone else did, and the undo does not revert it'),
    before: z.enum(before).describe('State before acting'),
  });
export type RestraintOutput = z.infer<ReturnType<typeof restraintOutputSchema>>;

export const begins = ({ begin }: Restraint, { type }: MachineAction): boolean => type === begin.type;
export const ends = ({ end }: Restraint, { type }: MachineAction): boolean => type === end.type;

/** Whether it has at least the approved effect. The responder's own has, even if Defender does not report its scope. */
export function isEnough(restraint: Restraint, action: MachineAction, reference: string): boolean {
  return (
    restraint.hasNoScope ||
    (scopeOf(action) === '' ? hasReference(action, reference) : hasEnough(restraint, action))
  );
}

/** The same for a reported scope alone. */
export function hasEnough({ hasNoScope, suffices }: Restraint, action: MachineAction): boolean {
  return hasNoScope === true || suffices(scopeOf(action));
}

export const scopeOf = ({ scope }: MachineAction): string => scope?.toLowerCase() ?? '';

/** `full isolation`, `release`: with the scope if the service reports it. */
export function nameOf(restraint: Restraint, action: MachineAction): string {
  if (ends(restraint, action)) return restraint.words.end;
  if (scopeOf(action) === CONTAINED) return CONTAINMENT.words.begin;
  return `${action.scope ? `${scopeOf(action)} ` : ''}${restraint.words.begin}`;
}

/** Describes a machine action of someone else for an analyst. */
export function describeAction(restraint: Restraint, action: MachineAction): string {
  const { id, status, requestor, creationDateTimeUtc } = action;
  return `machine action ${id} (${nameOf(restraint, action)}, ${status}), requested by ${requestor || 'somebody'} at ${creationDateTimeUtc}`;
}
