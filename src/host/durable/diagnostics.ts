/** Looks at a turn for what will hurt later: the ways of writing orchestrators that real hosts punish silently. */
import type { TurnOutcome } from './orchestrations.js';
import type { InstanceRow } from './records.js';

export interface Diagnosis {
  readonly code: string;
  readonly message: string;
}

export function diagnose(row: InstanceRow, outcome: TurnOutcome): Diagnosis[] {
  const found: Diagnosis[] = [];
  for (const { notes, divergence } of outcome.turns) {
    if (divergence !== undefined) {
      found.push({
        code: 'non-deterministic',
        message: `${row.name} has changed since ${row.id} started: event ${divergence.eventId} of its history is ${divergence.expected}, the code now does ${divergence.found}. It was stopped before anything else was done.`,
      });
    }
    for (const { kind, name } of notes.unknown) {
      found.push({
        code: 'not-registered',
        message: `${row.name} calls ${name}, which is not among the app's ${kind}: it will wait for ever.`,
      });
    }
    if (notes.ended && notes.openTasks.length > 0 && divergence === undefined) {
      found.push({
        code: 'open-tasks-at-end',
        message: `${row.name} has returned, but ${row.id} stays Running until these end: ${notes.openTasks.join(', ')}. Cancel timers that lost a race.`,
      });
    }
  }
  return found;
}
