/** The result of an incident in the form of expected.json: only properties that must not change unnoticed. */
import type { CaseFile } from '../../domain/case-file.js';

export interface ReplayResult {
  readonly outcome: string;
  readonly summary: string;
  readonly playbook: string | undefined;
  /** Milliseconds of virtual time from the event to the end. */
  readonly virtualDurationMs: number;
  readonly findings: readonly object[];
  readonly conditions: readonly object[];
  readonly plan: readonly object[];
  readonly refused: readonly object[];
  readonly decisions: readonly object[];
  readonly effects: readonly object[];
  readonly comment: { readonly revision: number } | undefined;
}

export function resultOf(file: CaseFile, virtualDurationMs: number): ReplayResult {
  return {
    outcome: file.outcome ?? 'none',
    summary: file.decision?.summary ?? 'none',
    playbook: file.plan?.playbook.id,
    virtualDurationMs,
    findings: file.findings.map((finding) => ({
      action: finding.action,
      entityKey: finding.entityKey,
      status: finding.status,
      ...(finding.status === 'ok' ? { output: finding.output } : { code: finding.error.code }),
    })),
    conditions: (file.decision?.conditions ?? []).map(
      ({ rule, entityKey, expression, result, values, because }) => ({
        rule,
        ...(entityKey === undefined ? {} : { entityKey }),
        expression,
        result,
        values,
        because,
      }),
    ),
    plan: (file.plan?.steps ?? []).map(({ id, action, target, mode, input }) => ({
      id,
      action,
      target,
      mode,
      input,
    })),
    refused: (file.plan?.refused ?? []).map(({ action, target, code }) => ({ action, target, code })),
    decisions: file.decisions.map(({ decision, outcome }) => ({
      kind: decision.kind,
      steps: decision.steps,
      at: decision.at,
      ...(outcome.accepted ? { accepted: true } : { accepted: false, code: outcome.code }),
    })),
    effects: file.effects.map(({ stepId, state, proof, at }) => ({ stepId, state, proof, at })),
    comment: file.comment === undefined ? undefined : { revision: file.comment.revision },
  };
}
