/** Requests, decisions and audit trails as lines of text. Pure. */

import { describeSubmitter } from '../../domain/submission.js';
import { uncheckedWords } from '../../domain/target.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import { presentEffect } from '../../views/index.js';
import type { Approval, AuditEntry, QueueEntry } from '../approvals-api.js';
import { stripControl } from '../strip-control.js';
import { duration, type Paint } from '../terminal.js';

export function queueLines(entries: readonly QueueEntry[], now: number, paint: Paint): string[] {
  return entries.map(
    ({ id, purpose, number, title, severity, state, asks, expiresAt }) =>
      `${id}  ${purpose === 'undo' ? 'undo of ' : ''}${paint('bold', `#${number ?? '?'} ${stripControl(title)}`)} (${severity})${state === 'waiting' ? `, ${left(expiresAt, now)}` : `, ${state}`}${asks === undefined ? '' : `\n  ${paint('cyan', '→')} ${stripControl(asks)}`}`,
  );
}

export function approvalLines(approval: Approval, now: number, paint: Paint): string[] {
  const { request, incident, steps, selection, effects, decisions } = approval;
  const open = request.state === 'waiting';
  return [
    paint('bold', `#${incident.number ?? '?'} ${stripControl(incident.title)} (${incident.severity})`),
    `request    ${request.id}`,
    `revision   ${approval.etag.replaceAll('"', '')}`,
    `state      ${request.state}${open ? `, ${left(request.expiresAt, now)} (until ${request.expiresAt})` : ''}`,
    `approvals  ${approval.approvalsGiven} of ${request.approvalsNeeded}${request.fourEyes ? ', different people' : ''}${selection === undefined ? '' : `, for ${count(selection.length)}`}`,
    `approvers  ${approverNames(approval)}`,
    ...(request.submission ? [`submitted  by: ${stripControl(describeSubmitter(request.submission))}`] : []),
    ...voidedVotes(request).map(({ text }) => paint('yellow', `void       ${stripControl(text)}`)),
    ...request.warnings.map((warning) => paint('yellow', `warning    ${stripControl(warning)}`)),
    ...stepLines(
      approval,
      steps.map(({ id }) => id),
      paint,
    ),
    ...effects.map((effect) => {
      const { words, proof } = presentEffect(effect);
      return `effect     ${effect.action} ${stripControl(effect.target)}: ${words}${proof === undefined ? '' : `: ${stripControl(proof)}`}`;
    }),
    ...decisions.map(
      ({ decision, outcome }) =>
        `${paint('dim', decision.at)}  ${stripControl(decision.by.name)} (${decision.by.channel}) ${decision.kind}: ${outcome.code}`,
    ),
  ];
}

/** The steps with their impact, or what the undo does. */
export function stepLines({ request, steps }: Approval, chosen: readonly string[], paint: Paint): string[] {
  const those = steps.filter(({ id }) => chosen.includes(id));
  if (request.purpose === 'undo') {
    return those.flatMap(({ id, title, target, undo }) => [
      `  ${paint('cyan', '→')} undo “${stripControl(title)}”: ${stripControl(target)}`,
      `    ${paint('dim', `step ${stripControl(id)}`)}`,
      `    undo: ${stripControl(undo)}`,
    ]);
  }
  return those.flatMap(({ id, title, target, record, risk, impact, reversible, undo }) => [
    `  ${paint('cyan', '→')} ${stripControl(title)}: ${stripControl(target)}  ${paint('dim', `${risk}, ${reversible ? 'reversible' : 'not reversible'}`)}`,
    `    ${paint('dim', `step ${stripControl(id)}`)}`,
    ...[uncheckedWords(record)].flatMap((words) =>
      words === undefined ? [] : [`    ${stripControl(words)}`],
    ),
    `    impact: ${stripControl(impact)}`,
    `    ${reversible ? 'undo' : 'no undo'}: ${stripControl(undo)}`,
  ]);
}

export function auditLines(entries: readonly AuditEntry[], paint: Paint): string[] {
  return entries.map((entry) => {
    const { at, event, by, text } = entry;
    const actor = event === 'refused' ? 'unknown' : 'responder';
    const who = by === undefined ? actor : `${stripControl(by.name)} (${by.channel})`;
    return `${paint('dim', at)}  ${who}  ${stripControl(auditWords(entry))}  ${stripControl(text)}`;
  });
}

function auditWords({ event, decision, refused }: AuditEntry): string {
  if (decision !== undefined) return `${decision.kind} at revision ${decision.revision}: ${decision.code}`;
  return refused === undefined ? event : `${refused.kind} rejected before evaluation: ${refused.code}`;
}

function approverNames({ request: { approvers } }: Approval): string {
  const names = [...approvers.groups, ...approvers.people].map(({ name }) => stripControl(name));
  return (
    [...names, ...approvers.automation.map((id) => `${stripControl(id)} (automation)`)].join(', ') || 'none'
  );
}

function left(expiresAt: string, now: number): string {
  return `${duration(Math.max(0, Date.parse(expiresAt) - now))} left`;
}

export function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}
