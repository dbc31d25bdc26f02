/** Progress events as lines of text. Pure; the text is the same on a terminal and in a log. */
import type { ConditionRecord, Plan, RefusedStep } from '../../domain/plan.js';
import {
  builtInLine,
  canBeUndone,
  count,
  DECISIONS,
  duration,
  MANUAL_ACTION,
  OUTCOMES,
  progressState,
  RISKS,
  readable,
  SEVERITIES,
  shortTime,
} from '../../views/index.js';
import type { Paint } from '../terminal.js';
import type { EnrichmentRow, Note, ProgressEvent } from './progress-events.js';

export interface TextOptions {
  readonly paint: Paint;
  /** Lines that describe how to decide about an instance. */
  waitingHelp(instanceId: string): readonly string[];
}

export function describeProgress(progress: ProgressEvent | Note, options: TextOptions): readonly string[] {
  const { paint } = options;
  switch (progress.kind) {
    case 'note':
      return [paint(progress.level === 'error' ? 'red' : 'yellow', `${progress.level}: ${progress.text}`)];
    case 'accepted':
      return [`${paint('bold', 'incident accepted')}  ${progress.instanceId}`];
    case 'reading-again':
      return [
        paint(
          'yellow',
          `  Sentinel has not returned the incident; it is looked for again in ${duration(progress.afterMs)}.`,
        ),
        `  ${progress.error}`,
      ];
    case 'read': {
      const number = progress.number === undefined ? '' : `#${progress.number} `;
      return [
        `${paint('bold', `${number}${progress.title}`)} (${SEVERITIES[progress.severity].words}): ${count(progress.alerts, 'alert')}, ${progress.entities} ${progress.entities === 1 ? 'entity' : 'entities'}`,
      ];
    }
    case 'enriching':
      return progress.playbook === undefined
        ? ['no playbook applies']
        : [
            `playbook "${progress.playbook}": ${count(progress.rows.length, 'enrichment')} in parallel${notRun(progress.notRun)}`,
          ];
    case 'enriched':
      return [
        `  ${paint('green', '✔')} ${rowText(progress.row, progress.durationMs)}  ${paint('dim', progress.brief)}`.trimEnd(),
      ];
    case 'not-enriched':
      return [`  ${paint('red', '✖')} ${rowText(progress.row, progress.durationMs)}  ${progress.error}`];
    case 'decided':
      return decided(progress, paint);
    case 'waiting':
      return [
        paint('yellow', 'waiting for approval'),
        ...options.waitingHelp(progress.instanceId).map((line) => `  ${line}`),
        timeLeft(progress.expiresAt, progress.at),
      ];
    case 'waits-until':
      return progress.expiresAt === undefined ? [] : [timeLeft(progress.expiresAt, progress.at)];
    case 'evaluated': {
      const what = DECISIONS[progress.decision].did;
      if (progress.accepted) {
        // The request is still open: more approvers are needed, or the deadline was extended.
        const open = ['more-approvers-needed', 'extended'].includes(progress.code);
        return [
          `${progress.by} ${paint('bold', what)}${open ? `: ${readable(progress.message ?? '')}` : ''}`,
        ];
      }
      return [
        paint(
          'yellow',
          `a decision of ${progress.by} was refused: ${readable(progress.message ?? '')}`.trimEnd(),
        ),
      ];
    }
    case 'response':
      return [responseText(progress, paint)];
    case 'commented':
      return [`comment on the incident written  ${paint('dim', `id ${progress.commentId}`)}`];
    case 'comment-failed':
      return [paint('yellow', `the comment on the incident could not be written: ${progress.error}`)];
    case 'ended':
      return [`${paint('bold', `incident handled: ${OUTCOMES[progress.outcome].words}`)}`];
    case 'broken':
      return [paint('red', `incident not handled: ${progress.error}`)];
  }
}

function timeLeft(expiresAt: string, at: number): string {
  return `  time left  ${duration(Date.parse(expiresAt) - at)} (until ${shortTime(expiresAt)})`;
}

/** Enrichments of entities that lack an identifier: findings without a call. */
function notRun(n: number): string {
  return n === 0 ? '' : `, ${n} more not possible`;
}

export function rowText(row: EnrichmentRow, durationMs?: number): string {
  const time = durationMs === undefined ? '' : `  ${duration(durationMs)}`;
  return `${row.action.padEnd(24)} ${row.target}${time}`;
}

/** The decision with its reasons: each condition that is true or unknown, with the values that it read. */
function decided({ decision, plan }: Extract<ProgressEvent, { kind: 'decided' }>, paint: Paint): string[] {
  const targets = new Map(
    [...(plan?.steps ?? []), ...(plan?.refused ?? [])].map(({ entityKey, target }) => [entityKey, target]),
  );
  const shown = decision.conditions.filter(({ result }) => result !== 'false');
  const others = decision.conditions.length - shown.length;
  const left = builtInLine({ decision });
  return [
    paint('bold', 'decision'),
    ...shown.map((condition) => conditionLine(condition, targets, paint)),
    ...(others === 0
      ? []
      : [paint('dim', `  – ${count(others, 'other condition')} ${others === 1 ? 'does' : 'do'} not hold`)]),
    ...(left === undefined ? [] : [paint('dim', `  – ${left}`)]),
    ...(plan === undefined ? [] : planLines(plan, paint)),
  ];
}

/** One condition with the values that it read, or why it is unknown. */
export function conditionLine(
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
        `  ${paint('cyan', '→')} ${title}: ${target}  ${paint('dim', `${RISKS[risk].words}, ${canBeUndone(reversible)}, ${mode === 'auto' ? 'without approval' : 'needs approval'}`)}`,
    ),
    ...plan.refused.map((refused) => refusedLine(refused, paint)),
  ];
}

export function refusedLine(
  { title, target, reason }: Pick<RefusedStep, 'title' | 'target' | 'reason'>,
  paint: Paint,
): string {
  return `  ${paint('yellow', '!')} ${MANUAL_ACTION}: ${title} (${target}): ${reason}`;
}

const RESPONSE_MARKS = {
  good: ['green', '✔'],
  busy: ['cyan', '…'],
  ask: ['cyan', '…'],
  warn: ['yellow', '!'],
  bad: ['red', '✖'],
  over: ['dim', '↩'],
} as const;

function responseText(
  { action, target, state, text }: Extract<ProgressEvent, { kind: 'response' }>,
  paint: Paint,
): string {
  const { words, tone } = progressState(state);
  const [style, mark] = RESPONSE_MARKS[tone];
  return `  ${paint(style, mark)} ${action} ${target}: ${words}${text === undefined ? '' : `  ${readable(text)}`}`;
}
