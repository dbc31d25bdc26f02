/** Requests, decisions and audits as lines for a person. Pure. */

import { handedInBy } from '../../domain/handed-in.js';
import { uncheckedWords } from '../../domain/target.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import { presentEffect } from '../../report/index.js';
import type { Approval, AuditEntry, QueueEntry } from '../approvals-api.js';
import { printable } from '../printable.js';
import { duration, type Paint } from '../terminal.js';

export function queueLines(entries: readonly QueueEntry[], now: number, paint: Paint): string[] {
  return entries.map(
    ({ id, purpose, number, title, severity, state, asks, expiresAt }) =>
      `${id}  ${purpose === 'undo' ? 'undo of ' : ''}${paint('bold', `#${number ?? '?'} ${printable(title)}`)} (${severity})${state === 'waiting' ? `, ${left(expiresAt, now)}` : `, ${state}`}${asks === undefined ? '' : `\n  ${paint('cyan', '→')} ${printable(asks)}`}`,
  );
}

export function approvalLines(approval: Approval, now: number, paint: Paint): string[] {
  const { request, incident, steps, selection, effects, decisions } = approval;
  const open = request.state === 'waiting';
  return [
    paint('bold', `#${incident.number ?? '?'} ${printable(incident.title)} (${incident.severity})`),
    `request    ${request.id}`,
    `revision   ${approval.etag.replaceAll('"', '')}`,
    `state      ${request.state}${open ? `, ${left(request.expiresAt, now)} (until ${request.expiresAt})` : ''}`,
    `approvals  ${approval.approvalsGiven} of ${request.approvalsNeeded}${request.fourEyes ? ', different people' : ''}${selection === undefined ? '' : `, for ${count(selection.length)}`}`,
    `approvers  ${approverNames(approval)}`,
    ...(request.handedIn ? [`handed in  by: ${printable(handedInBy(request.handedIn))}`] : []),
    ...voidedVotes(request).map(({ text }) => paint('yellow', `void       ${printable(text)}`)),
    ...request.warnings.map((warning) => paint('yellow', `warning    ${printable(warning)}`)),
    ...stepLines(
      approval,
      steps.map(({ id }) => id),
      paint,
    ),
    ...effects.map((effect) => {
      const { words, proof } = presentEffect(effect);
      return `effect     ${effect.action} ${printable(effect.target)}: ${words}${proof === undefined ? '' : `: ${printable(proof)}`}`;
    }),
    ...decisions.map(
      ({ decision, verdict }) =>
        `${paint('dim', decision.at)}  ${printable(decision.by.name)} (${decision.by.channel}) ${decision.kind}: ${verdict.code}`,
    ),
  ];
}

/** What would run with its impact, or what would be undone and how. */
export function stepLines({ request, steps }: Approval, chosen: readonly string[], paint: Paint): string[] {
  const those = steps.filter(({ id }) => chosen.includes(id));
  if (request.purpose === 'undo') {
    return those.flatMap(({ id, title, target, undo }) => [
      `  ${paint('cyan', '→')} undo “${printable(title)}”: ${printable(target)}`,
      `    ${paint('dim', `step ${printable(id)}`)}`,
      `    undo: ${printable(undo)}`,
    ]);
  }
  return those.flatMap(({ id, title, target, record, risk, impact, reversible, undo }) => [
    `  ${paint('cyan', '→')} ${printable(title)}: ${printable(target)}  ${paint('dim', `${risk}, ${reversible ? 'reversible' : 'not reversible'}`)}`,
    `    ${paint('dim', `step ${printable(id)}`)}`,
    ...[uncheckedWords(record)].flatMap((words) => (words === undefined ? [] : [`    ${printable(words)}`])),
    `    impact: ${printable(impact)}`,
    `    ${reversible ? 'undo' : 'no undo'}: ${printable(undo)}`,
  ]);
}

export function auditLines(entries: readonly AuditEntry[], paint: Paint): string[] {
  return entries.map((entry) => {
    const { at, event, by, text } = entry;
    const nobody = event === 'refused' ? 'somebody' : 'responder';
    const who = by === undefined ? nobody : `${printable(by.name)} (${by.channel})`;
    return `${paint('dim', at)}  ${who}  ${printable(auditWords(entry))}  ${printable(text)}`;
  });
}

function auditWords({ event, decision, refused }: AuditEntry): string {
  if (decision !== undefined) return `${decision.kind} at revision ${decision.revision}: ${decision.code}`;
  return refused === undefined ? event : `${refused.kind} refused at the door: ${refused.code}`;
}

function approverNames({ request: { approvers } }: Approval): string {
  const names = [...approvers.groups, ...approvers.people].map(({ name }) => printable(name));
  return (
    [...names, ...approvers.automation.map((id) => `${printable(id)} (automation)`)].join(', ') || 'nobody'
  );
}

function left(expiresAt: string, now: number): string {
  return `${duration(Math.max(0, Date.parse(expiresAt) - now))} left`;
}

export function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}
