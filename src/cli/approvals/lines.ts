/** Requests, decisions and audit trails as lines of text. Pure. */

import type { CaseFile } from '../../domain/case-file.js';
import { describeSubmitter } from '../../domain/submission.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import {
  approverNames,
  auditWords,
  count,
  DECISIONS,
  deciderName,
  listedState,
  needs,
  presentEffect,
  readable,
  SEVERITIES,
  shortTime,
  stepView,
  timeLeft,
} from '../../views/index.js';
import type { Approval, AuditEntry, QueueEntry } from '../approvals-api.js';
import { stripControl } from '../strip-control.js';
import type { Paint } from '../terminal.js';
import { alertLines, conditionLines, leftOutLines } from './reasons.js';

export function queueLines(entries: readonly QueueEntry[], now: number, paint: Paint): string[] {
  return entries.map(
    ({ id, purpose, number, title, severity, state, asks, expiresAt }) =>
      `${id}  ${purpose === 'undo' ? 'undo of ' : ''}${paint('bold', `#${number ?? '?'} ${stripControl(title)}`)} (${SEVERITIES[severity].words})${state === 'waiting' ? `, ${timeLeft(expiresAt, now)}` : `, ${listedState({ purpose, state })}`}${asks === undefined ? '' : `\n  ${paint('cyan', '→')} ${stripControl(asks)}`}`,
  );
}

/** @param file the case file of the request's run; undefined if a later run has replaced it. */
export function approvalLines(approval: Approval, now: number, paint: Paint, file?: CaseFile): string[] {
  const { request, incident, steps, selection, effects, decisions } = approval;
  const open = request.state === 'waiting';
  return [
    paint(
      'bold',
      `#${incident.number ?? '?'} ${stripControl(incident.title)} (${SEVERITIES[incident.severity].words})`,
    ),
    `request    ${request.id}`,
    `revision   ${approval.etag.replaceAll('"', '')}`,
    `state      ${listedState(request)}${open ? `, ${timeLeft(request.expiresAt, now)} (until ${shortTime(request.expiresAt)})` : ''}`,
    `approvals  ${approval.approvalsGiven} of ${request.approvalsNeeded}; needs ${needs(request)}${selection === undefined ? '' : `; for ${count(selection.length, 'step')}`}`,
    `approvers  ${stripControl(approverNames(request))}`,
    ...(request.submission ? [`submitted  by: ${stripControl(describeSubmitter(request.submission))}`] : []),
    ...voidedVotes(request).map(({ text }) => paint('yellow', `void       ${stripControl(text)}`)),
    ...request.warnings.map((warning) => paint('yellow', `warning    ${stripControl(warning)}`)),
    ...(file === undefined ? [] : alertLines(file)),
    ...stepLines(
      approval,
      steps.map(({ id }) => id),
      file,
      paint,
    ),
    ...(file === undefined ? [] : leftOutLines(file, request.id, paint)),
    ...effects.map((effect) => {
      const { words, proof } = presentEffect(effect);
      return `effect     ${effect.action} ${stripControl(effect.target)}: ${words}${proof === undefined ? '' : `: ${stripControl(proof)}`}`;
    }),
    ...decisions.map(
      ({ decision, outcome }) =>
        `${paint('dim', shortTime(decision.at))}  ${stripControl(deciderName(decision.by))} ${outcome.accepted ? DECISIONS[decision.kind].did : `decision to ${DECISIONS[decision.kind].to} refused`} (${outcome.code})`,
    ),
  ];
}

/** The steps with their reasons and impact, or what the undo does. */
export function stepLines(
  { request, steps }: Approval,
  chosen: readonly string[],
  file: CaseFile | undefined,
  paint: Paint,
): string[] {
  const those = steps.filter(({ id }) => chosen.includes(id));
  if (request.purpose === 'undo') {
    return those.flatMap(({ id, title, target, undo }) => [
      `  ${paint('cyan', '→')} undo “${stripControl(title)}”: ${stripControl(target)}`,
      `    ${paint('dim', `step ${stripControl(id)}`)}`,
      `    undo: ${stripControl(undo)}`,
    ]);
  }
  return those.flatMap((step) => {
    const { id, title, target, risk, canBeUndone, found, unchecked, why, impact, undoLabel, undo } =
      stripControl(stepView(step, undefined, request));
    return [
      `  ${paint('cyan', '→')} ${title}: ${target}  ${paint('dim', `${risk.words}, ${canBeUndone}`)}`,
      `    ${paint('dim', `step ${id}`)}`,
      `    ${found}`,
      ...(unchecked === undefined ? [] : [`    ${unchecked}`]),
      `    why: ${why}`,
      ...(file === undefined ? [] : conditionLines(step, file, paint)),
      `    impact: ${impact}`,
      `    ${undoLabel.toLowerCase()}: ${undo}`,
    ];
  });
}

export function auditLines(entries: readonly AuditEntry[], paint: Paint): string[] {
  return entries.map((entry) => {
    const { who, what } = auditWords(entry);
    const text = stripControl(readable(entry.text));
    return `${paint('dim', shortTime(entry.at))}  ${stripControl(who)}  ${stripControl(what)}  ${text}`;
  });
}
