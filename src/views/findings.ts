/** The basis of the decision: the strongest signals, what is unknown, all evidence, and the conditions. */
import type { CaseView, FindingBrief } from '../domain/case-file.js';
import { clip } from '../domain/clip.js';
import type { Finding } from '../domain/finding.js';
import { foundWords } from '../domain/found-by.js';
import type { ConditionRecord } from '../domain/plan.js';
import { CONDITION_RESULTS, SEVERITIES, type Words } from './words/case.js';
import { labelOf, pathLabel, valueWords } from './words/labels.js';
import { readable } from './words/time.js';

/** Hostile text: escape it at the point of output. */
export interface Evidence {
  readonly text: string;
  /** The target, or the kind of evidence. */
  readonly about: string;
}
export interface EvidenceRow {
  /** The enrichment, e.g. `defender.device`. */
  readonly source: string;
  readonly target: string;
  /** The most informative values: `Risk score: High`. */
  readonly values: readonly string[];
}
export interface ConditionView {
  /** `isolate-workstation for WS-1`, or `the playbook applies`. */
  readonly title: string;
  readonly result: ConditionRecord['result'];
  readonly words: Words;
  readonly expression: string;
  readonly values: readonly (readonly [label: string, value: string])[];
  /** Why it is unknown. */
  readonly because: readonly string[];
}

/** `findings` with or without the values that were found. */
export type Seen = Pick<CaseView, 'decision' | 'plan' | 'alerts'> & {
  readonly findings: readonly (Finding | FindingBrief)[];
};

const BY_SEVERITY = Object.keys(SEVERITIES);

/** First the conditions of the proposed responses, then the alerts, the most severe first. */
export function signals(file: Seen): Evidence[] {
  const rested = (file.decision?.conditions ?? [])
    .filter(({ rule, result }) => rule !== 'when' && result === 'true')
    .map((condition) => ({ text: signalOf(condition), about: targetOf(file, condition.entityKey) ?? '' }))
    .filter(({ text }) => text !== '');
  const alerts = [...(file.alerts ?? [])]
    .sort((a, b) => BY_SEVERITY.indexOf(a.severity) - BY_SEVERITY.indexOf(b.severity))
    .map(({ title, severity }) => ({ text: title, about: `${severity} alert` }));
  const all = [...rested, ...alerts];
  return [...new Map(all.map((one) => [JSON.stringify([one.text, one.about]), one])).values()];
}

/** `Device risk score High, server`. Omits false, null, lists and objects. */
function signalOf({ values }: ConditionRecord): string {
  const shown = Object.entries(values).flatMap(([path, value]) => {
    if (path.startsWith('entity') || value === false || value === null || typeof value === 'object')
      return [];
    const label = pathLabel(path);
    return [value === true ? label : `${label}: ${valueWords(path, String(value))}`];
  });
  return shown.join(', ');
}

/** Failed enrichments; those with the same target and error share one entry. */
export function unknowns({ findings }: Pick<Seen, 'findings'>): Evidence[] {
  const alike = new Map<string, { names: string[]; why: string; about: string }>();
  for (const finding of findings) {
    if (finding.status !== 'failed') continue;
    const { as, target, error } = finding;
    const key = JSON.stringify([target, error.message]);
    const entry = alike.get(key) ?? { names: [], why: readable(error.message), about: target };
    if (!entry.names.includes(labelOf(as))) entry.names.push(labelOf(as));
    alike.set(key, entry);
  }
  return [...alike.values()].map(({ names, why, about }) => ({ text: `${names.join(', ')}: ${why}`, about }));
}

const MOST_VALUES = 4;
const LONGEST_VALUE = 120;

/** What the enrichments found; empty for findings without values. */
export function evidence({ findings }: Pick<Seen, 'findings'>): EvidenceRow[] {
  return findings.flatMap((finding) =>
    finding.status === 'ok' && 'output' in finding
      ? [
          {
            source: finding.action,
            target: finding.target,
            values: [...howFound(finding), ...informative(finding.output)],
          },
        ]
      : [],
  );
}

/** Said where it is not certain that the record is the right one. */
function howFound({ record }: Pick<Extract<Finding, { status: 'ok' }>, 'record'>): string[] {
  return record.certainty === 'candidate' ? [foundWords(record)] : [];
}

/** The most informative values, in that order. Ids, hashes and times say little to a reader. */
function informative(output: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(output)
    .flatMap(([name, value]) => {
      const shown = plain(name, value);
      const weight = weightOf(name, value);
      return shown === undefined || weight < 0 ? [] : [{ text: `${labelOf(name)}: ${shown}`, weight }];
    })
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_VALUES)
    .map(({ text }) => text);
}

const ALARMING = /^(critical|severe|high|malware|malicious|confirmedcompromised|atrisk)$/i;
const SUSPICIOUS = /^(medium|suspicious|unsanctionedsoftware|pua)$/i;
const ALARMING_NAME = /risky|exploitable|malicious|compromis/i;
const SAYS_LITTLE = /^[0-9a-f-]{32,}$|^\d{4}-\d\d-\d\dT/i;

function weightOf(name: string, value: unknown): number {
  if (typeof value === 'number') return value > 0 && ALARMING_NAME.test(name) ? 3 : 0;
  if (typeof value !== 'string') return value === true && ALARMING_NAME.test(name) ? 3 : 0;
  if (ALARMING.test(value)) return 4;
  if (SUSPICIOUS.test(value)) return 2;
  return SAYS_LITTLE.test(value) ? -1 : 1;
}

function plain(name: string, value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value !== 'string' || value === '' ? undefined : clip(valueWords(name, value), LONGEST_VALUE);
}

export function conditionViews(file: Seen): ConditionView[] {
  return (file.decision?.conditions ?? []).map((condition) => ({
    title: conditionTitle(file, condition),
    result: condition.result,
    words: CONDITION_RESULTS[condition.result],
    expression: condition.expression,
    values: Object.entries(condition.values).map(
      ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ),
    because: condition.because.map(readable),
  }));
}

function conditionTitle(file: Seen, { rule, entityKey }: ConditionRecord): string {
  if (rule === 'when') return 'The playbook applies';
  return entityKey === undefined ? rule : `${rule} for ${targetOf(file, entityKey) ?? entityKey}`;
}

function targetOf({ plan, findings }: Seen, entityKey: string | undefined): string | undefined {
  const named = [...(plan?.steps ?? []), ...(plan?.refused ?? []), ...findings];
  return named.find((one) => one.entityKey === entityKey)?.target;
}
