/** Enriches the incident and decides by its playbook. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { CaseChanges } from '../domain/case-file-updates.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan } from '../domain/plan.js';
import { formerSteps } from '../domain/settled.js';
import type { ActivityOutput, DecideInput, IncidentRead } from './activities.js';
import { enrich } from './enrich.js';
import { incidentFacts } from './incident-facts.js';
import { COMPUTE, callWithRetries } from './retry.js';
import type { Process } from './scheduler.js';
import { count, type IncidentScope } from './scope.js';
import type { Waiting } from './waiting.js';

export interface Made {
  readonly plan: Plan;
  readonly approvals: readonly ApprovalRequest[];
  readonly channels: boolean;
  readonly proposal: string;
  readonly text: string;
  /** For the case file. The caller records them when the plan begins. */
  readonly changes: CaseChanges;
}

/** Keys of what a plan does not propose. */
export interface NotProposed {
  /** As of now. */
  readonly settled: () => readonly string[];
  /** Unfinished, and left out by a retry of some steps. */
  readonly leftOut: readonly string[];
}

/**
 * Makes a plan; undefined if no playbook applies. The first plan of a run shows its stages.
 * @throws ResponderError if the playbook or its configuration gives no decision.
 */
export function* makePlan(
  scope: IncidentScope,
  { playbook, undecided, alsoApplied, tasks, findings: known, content }: IncidentRead,
  { settled, leftOut }: NotProposed,
  round?: number,
): Process<Made | undefined> {
  const { waiting, record, incident, involvement, submission } = scope;
  if (undecided !== undefined) throw new ResponderError(undecided);
  if (playbook === undefined) return undefined;
  const { instanceId, generation } = record.file;
  const notProposed = () => [...new Set([...settled(), ...leftOut])];
  const input = () => ({
    run: { instanceId, generation },
    incident,
    playbookId: playbook.id,
    alsoApplied,
    findings: known,
    submission,
    round,
    settled: notProposed(),
    former: round === undefined ? undefined : formerSteps(record.file),
  });
  let by: DecideInput = input();
  const enriched = yield* enrich(scope, tasks, by);
  const findings = [...enriched.findings, ...known];
  const text = describeFindings(enriched.findings, known.length);
  if (round === undefined) record.addToNext({ text, changes: { findings, stage: 'deciding' } });
  let decided = enriched.decided ?? (yield* decide(waiting, { ...by, findings }));
  // A step may have begun meanwhile: a plan that proposes it again is outdated.
  while (by.settled.join('\n') !== notProposed().join('\n')) {
    by = input();
    decided = yield* decide(waiting, { ...by, findings });
  }
  const { decision, plan, approvals, channels, proposal } = decided;
  involvement.noteRecords(plan.steps.map(({ record: one }) => one));
  return {
    plan,
    approvals,
    channels,
    proposal,
    text: `Decided by playbook ${playbook.id}: ${count(plan.steps.length, 'response')} proposed, ${count(plan.refused.length, 'manual action')}.`,
    changes: {
      ...incidentFacts(incident),
      findings,
      content,
      decision,
      plan,
      proposal,
      ...(leftOut.length > 0 || record.file.leftOut !== undefined ? { leftOut: [...leftOut] } : {}),
    },
  };
}

function describeFindings(enriched: readonly { readonly status: string }[], known: number): string {
  const failures = enriched.filter(({ status }) => status === 'failed').length;
  const notRun =
    known === 0 ? '' : ` ${known} more not possible, because an identifier is missing or too weak.`;
  return `${count(enriched.length, 'enrichment')} ended, ${failures} without a result.${notRun}`;
}

function* decide(waiting: Waiting, by: DecideInput): Process<ActivityOutput<'decide'>> {
  const decided = yield* callWithRetries(waiting, 'decide', by, COMPUTE);
  if (decided.ok) return decided.value;
  throw new ResponderError(decided.error);
}
