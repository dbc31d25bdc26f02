/** Why a request exists, and what it leaves out, as lines of text: alerts, conditions, steps left to an analyst. Pure. */
import type { CaseFile } from '../../domain/case-file.js';
import type { PlanStep } from '../../domain/plan.js';
import { listedState, SEVERITIES, shortTime } from '../../views/index.js';
import { conditionLine, refusedLine } from '../progress/text.js';
import { stripControl } from '../strip-control.js';
import type { Paint } from '../terminal.js';

const MOST_ALERTS = 5;

export function alertLines({ alerts = [] }: Pick<CaseFile, 'alerts'>): string[] {
  const rest = alerts.length - MOST_ALERTS;
  return [
    `alerts     ${alerts.length}`,
    ...alerts.slice(0, MOST_ALERTS).map(({ severity, title, startedAt }) => {
      const since = startedAt === undefined ? '' : `  ${shortTime(startedAt)}`;
      return `  ${SEVERITIES[severity].words.padEnd(15)} ${stripControl(title)}${since}`;
    }),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

/** The conditions of a step that were true, with the values that they read. */
export function conditionLines(
  step: PlanStep,
  { decision }: Pick<CaseFile, 'decision'>,
  paint: Paint,
): string[] {
  const rule = step.id.split(':', 1)[0];
  const held = (decision?.conditions ?? []).filter(
    (condition) =>
      condition.rule === rule && condition.entityKey === step.entityKey && condition.result === 'true',
  );
  const targets = new Map([[step.entityKey, stripControl(step.target)]]);
  return held.map((condition) => `  ${conditionLine(stripControl(condition), targets, paint)}`);
}

/** What the playbook calls for but the responder does not do, and the incident's other requests. */
export function leftOutLines(
  { plan, approvals }: Pick<CaseFile, 'plan' | 'approvals'>,
  requestId: string,
  paint: Paint,
): string[] {
  const others = approvals.filter(({ id, purpose }) => id !== requestId && purpose === 'respond');
  const lines = [
    ...(plan?.refused ?? []).map((refused) => refusedLine(stripControl(refused), paint)),
    ...others.map(
      ({ id, tier, purpose, state }) =>
        `  another request: ${id} (tier ${tier}, ${listedState({ purpose, state })})`,
    ),
  ];
  return lines.length === 0 ? [] : ['not in this request', ...lines];
}
