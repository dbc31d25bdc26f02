/**
 * The actions of a turn. Ids are the sequence numbers by which the history refers to a task. Inputs are values, not
 * texts: most actions repeat those of earlier turns during replay and are dropped.
 */
import type { EventRaised, FailureDetails } from '../history-events.js';

export type OrchestratorAction =
  | { readonly kind: 'activity'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'timer'; readonly id: number; readonly fireAt: string }
  | {
      readonly kind: 'subOrchestration';
      readonly id: number;
      readonly name: string;
      readonly instanceId: string;
      readonly input: unknown;
      /** undefined = the host's default version */
      readonly version: string | undefined;
    }
  | {
      readonly kind: 'sendEvent';
      readonly id: number;
      readonly instanceId: string;
      readonly name: string;
      readonly input: string;
    }
  | CompleteAction
  | ContinueAsNewAction;

export interface CompleteAction {
  readonly kind: 'complete';
  readonly id: number;
  readonly status: 'Completed' | 'Failed' | 'Terminated';
  /** The output as JSON text, or the text of the error or the reason. */
  readonly result: string | null;
  readonly details: string | null;
  readonly failure: FailureDetails | null;
}

export interface ContinueAsNewAction {
  readonly kind: 'continueAsNew';
  readonly id: number;
  readonly input: string | null;
  /** Events that arrived after continue-as-new: they are delivered to the next generation. */
  readonly carryOver: readonly EventRaised[];
}

/** null for null and undefined. */
export const jsonText = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

/** How the end of an execution is called in messages. */
const COMPLETION_TEXTS = {
  Completed: 'its completion',
  Failed: 'its failure',
  Terminated: 'its termination',
} as const;

/** What a description of an action shows. */
export type DescribedAction =
  | { readonly kind: 'activity' | 'subOrchestration'; readonly name: string }
  | { readonly kind: 'sendEvent'; readonly name: string; readonly instanceId: string }
  | { readonly kind: 'timer' | 'continueAsNew' }
  | Pick<CompleteAction, 'kind' | 'status'>;

/** A short description of an action, for messages. */
export function describeAction(action: DescribedAction | undefined): string {
  switch (action?.kind) {
    case undefined:
      return 'nothing';
    case 'activity':
      return `activity '${action.name}'`;
    case 'subOrchestration':
      return `sub-orchestration '${action.name}'`;
    case 'timer':
      return 'a timer';
    case 'sendEvent':
      return `event '${action.name}' to ${action.instanceId}`;
    case 'continueAsNew':
      return 'continuing as new';
    case 'complete':
      return COMPLETION_TEXTS[action.status];
  }
}

/** The actions that the real host still performs in the turn that detects a divergence. */
export const actionsStillPerformed = (actions: readonly OrchestratorAction[]): string[] =>
  actions.filter(({ kind }) => kind !== 'complete' && kind !== 'continueAsNew').map(describeAction);

/** An orchestrator that failed, with what a parent gets to see of it. */
export class OrchestrationFailure extends Error {
  override readonly name = 'OrchestrationFailure';

  constructor(
    message: string,
    readonly details: string | null,
    readonly failure: FailureDetails | null = null,
  ) {
    super(message);
  }
}
