/** Facts as lines for a person. Pure; the words are the same on a terminal and in a log. */
import type { DecisionKind } from '../../domain/approval.js';
import type { ConditionRecord, Plan } from '../../domain/plan.js';
import { duration, type Paint } from '../terminal.js';
import type { Fact, Note, Row } from './facts.js';

export interface Words {
  readonly paint: Paint;
  /** How a person gets to the decision of an instance. */
  waitingHelp(instanceId: string): readonly string[];
}

export function describe(fact: Fact | Note, words: Words): readonly string[] {
  const { paint } = words;
  switch (fact.kind) {
    case 'note':
      return [paint(fact.level === 'error' ? 'red' : 'yellow', `${fact.level}: ${fact.text}`)];
    case 'accepted':
      return [`${paint('bold', 'incident accepted')}  ${fact.instanceId}`];
    case 'read': {
      const number = fact.number === undefined ? '' : `#${fact.number} `;
      return [
        `${paint('bold', `${number}${fact.title}`)} (${fact.severity}): ${fact.alerts} alerts, ${fact.entities} entities`,
      ];
    }
    case 'enriching':
      return fact.playbook === undefined
        ? ['no playbook applies']
        : [`playbook "${fact.playbook}": ${fact.rows.length} enrichments in parallel`];
    case 'enriched':
      return [
        `  ${paint('green', '✔')} ${rowText(fact.row, fact.durationMs)}  ${paint('dim', fact.brief)}`.trimEnd(),
      ];
    case 'not-enriched':
      return [`  ${paint('red', '✖')} ${rowText(fact.row, fact.durationMs)}  ${fact.error}`];
    case 'decided':
      return decided(fact, paint);
    case 'waiting':
      return [
        paint('yellow', 'waiting for approval'),
        ...words.waitingHelp(fact.instanceId).map((line) => `  ${line}`),
        timeLeft(fact.expiresAt, fact.at),
      ];
    case 'waits-until':
      return fact.expiresAt === undefined ? [] : [timeLeft(fact.expiresAt, fact.at)];
    case 'judged': {
      const what = DECIDED[fact.decision];
      if (fact.accepted) {
        // It still waits: for others, or for longer.
        const open = ['more-approvers-needed', 'extended'].includes(fact.code);
        return [`${paint('bold', what)} by ${fact.by}${open ? `: ${fact.message}` : ''}`];
      }
      return [paint('yellow', `a decision of ${fact.by} was refused: ${fact.message ?? ''}`.trimEnd())];
    }
    case 'response':
      return [responseText(fact, paint)];
    case 'commented':
      return [`comment on the incident written  ${paint('dim', `id ${fact.commentId}`)}`];
    case 'comment-failed':
      return [paint('yellow', `the comment on the incident could not be written: ${fact.error}`)];
    case 'ended':
      return [`${paint('bold', `incident handled: ${fact.outcome}`)}`];
    case 'broken':
      return [paint('red', `incident not handled: ${fact.error}`)];
  }
}

function timeLeft(expiresAt: string, at: number): string {
  return `  time left  ${duration(Date.parse(expiresAt) - at)} (until ${expiresAt})`;
}

const DECIDED: Readonly<Record<DecisionKind, string>> = {
  approve: 'approved',
  reject: 'rejected',
  extend: 'given more time',
  undo: 'undo approved',
};

export function rowText(row: Row, durationMs?: number): string {
  const time = durationMs === undefined ? '' : `  ${duration(durationMs)}`;
  return `${row.action.padEnd(24)} ${row.target}${time}`;
}

/** The decision with its reasons: each condition that held or could not be told, with the values that it saw. */
function decided({ decision, plan }: Extract<Fact, { kind: 'decided' }>, paint: Paint): string[] {
  const targets = new Map(
    [...(plan?.steps ?? []), ...(plan?.refused ?? [])].map(({ entityKey, target }) => [entityKey, target]),
  );
  const shown = decision.conditions.filter(({ result }) => result !== 'false');
  const others = decision.conditions.length - shown.length;
  return [
    paint('bold', 'decision'),
    ...shown.map((condition) => conditionLine(condition, targets, paint)),
    ...(others === 0 ? [] : [paint('dim', `  – ${others} other conditions do not hold`)]),
    ...(plan === undefined ? [] : planLines(plan, paint)),
  ];
}

function conditionLine(
  condition: ConditionRecord,
  targets: ReadonlyMap<string, string>,
  paint: Paint,
): string {
  const { rule, entityKey, result, values, because } = condition;
  const about = entityKey === undefined ? '' : ` ${targets.get(entityKey) ?? entityKey}`;
  const what = rule === 'when' ? 'the playbook applies' : `${rule}${about}`;
  if (result === 'unknown')
    return `  ${paint('yellow', '?')} ${what}: unknown, ${because[0] ?? 'a value is missing'}`;
  const saw = Object.entries(values).map(([name, value]) => `${name} = ${short(JSON.stringify(value))}`);
  return `  ${paint('green', '✔')} ${what}: ${saw.join(', ')}`;
}

const VALUE_LENGTH = 60;
const short = (text: string) => (text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH - 1)}…`);

export function planLines(plan: Plan, paint: Paint): string[] {
  return [
    ...plan.steps.map(
      ({ title, target, mode, risk, reversible }) =>
        `  ${paint('cyan', '→')} ${title}: ${target}  ${paint('dim', `${risk}, ${reversible ? 'reversible' : 'not reversible'}, ${mode === 'auto' ? 'without approval' : 'needs approval'}`)}`,
    ),
    ...plan.refused.map(
      ({ title, target, reason }) => `  ${paint('yellow', '!')} not proposed: ${title}: ${target}: ${reason}`,
    ),
  ];
}

function responseText(
  { action, target, state, text }: Extract<Fact, { kind: 'response' }>,
  paint: Paint,
): string {
  const tail = text === undefined ? '' : `  ${text}`;
  const what = `${action} ${target}`;
  switch (state) {
    case 'confirmed':
      return `  ${paint('green', '✔')} ${what}: proved${tail}`;
    case 'failed':
    case 'error':
      return `  ${paint('red', '✖')} ${what}: ${state}${tail}`;
    default:
      return `  ${paint('cyan', '…')} ${what}: ${state}${tail}`;
  }
}
