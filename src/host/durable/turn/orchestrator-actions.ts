/**
 * What a turn decides. Ids are the sequence numbers by which history refers to a task. Inputs are values, not texts: most
 * decisions are those of earlier turns, made again in the replay and dropped.
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
  /** Events that came after the one that made it continue: they belong to the next generation. */
  readonly carryOver: readonly EventRaised[];
}

/** Null and nothing are no text. */
export const jsonText = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

/** How the real host's messages call the kinds of decisions. */
export const ACTION_NAMES: Readonly<Record<OrchestratorAction['kind'], string>> = {
  activity: 'ScheduleTaskOrchestratorAction',
  timer: 'CreateTimerOrchestratorAction',
  subOrchestration: 'CreateSubOrchestrationAction',
  sendEvent: 'SendEventOrchestratorAction',
  complete: 'OrchestrationCompleteOrchestratorAction',
  continueAsNew: 'OrchestrationCompleteOrchestratorAction',
};

/** How the end of an execution is called in messages. */
export const COMPLETION_TEXTS = {
  Completed: 'its completion',
  Failed: 'its failure',
  Terminated: 'its termination',
} as const;

/** What people are shown of a decision. */
export function describeAction(action: OrchestratorAction | undefined): string {
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

/** What is still done although the orchestrator has diverged: the real host carries out what that turn decided. */
export const actionsStillPerformed = (actions: readonly OrchestratorAction[]): string[] =>
  actions.filter(({ kind }) => kind !== 'complete' && kind !== 'continueAsNew').map(describeAction);

/** The orchestrator's code does not do what its history says it did. Ends the instance as Failed. */
export class NonDeterminismError extends Error {
  override readonly name = 'NonDeterminismError';

  constructor(
    readonly eventId: number,
    text: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`Non-Deterministic workflow detected: ${text}`);
  }
}

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
