/** The most important facts about an incident, for an approver who has little time; the same on page and card. */
import type { CaseFile } from '../domain/case-file.js';
import type { Finding } from '../domain/finding.js';

/** One finding as text. Hostile text: escape it at the point of output. */
export interface Signal {
  /** E.g. `Risk score: High`. */
  readonly text: string;
  /** Display name of the target. */
  readonly target: string;
  /** The enrichment that found it, e.g. `defender.device`. */
  readonly source: string;
}
export interface EvidenceRow {
  readonly source: string;
  readonly target: string;
  /** The most informative values. */
  readonly values: readonly string[];
}
export interface Briefing {
  /** What happened, in one sentence. */
  readonly sentence: string;
  /** The strongest signals, at most three. */
  readonly signals: readonly Signal[];
  /** Unknown values, each with its reason. */
  readonly unknown: readonly { readonly what: string; readonly target: string; readonly why: string }[];
  readonly evidence: readonly EvidenceRow[];
}

const MOST_SIGNALS = 3;
const MOST_VALUES = 4;
const LONGEST_VALUE = 120;

export function briefing(file: CaseFile): Briefing {
  const found = file.findings.filter((finding) => finding.status === 'ok');
  return {
    sentence: sentence(file),
    signals: signals(file, found),
    unknown: unknown(file.findings),
    evidence: found.map(({ action, target, output }) => ({
      source: action,
      target,
      values: ranked(output)
        .filter(({ weight }) => weight >= 0)
        .slice(0, MOST_VALUES)
        .map(({ text }) => text),
    })),
  };
}

function sentence({ alerts = [], title }: CaseFile): string {
  const times = alerts.flatMap(({ startedAt }) => startedAt ?? []).sort();
  const [first] = times;
  const strongest = alerts.find(({ severity }) => severity === 'high') ?? alerts[0];
  if (strongest === undefined) return title;
  const others = alerts.length - 1;
  const more = others === 0 ? '' : `, with ${others} more ${others === 1 ? 'alert' : 'alerts'}`;
  const since = first === undefined ? '' : `, since ${first.slice(0, 16).replace('T', ' ')} UTC`;
  return `${strongest.title}${more}${since}.`;
}

/** Groups failures with the same target and reason. */
function unknown(findings: readonly Finding[]): Briefing['unknown'] {
  const grouped = new Map<string, { what: string; target: string; why: string }>();
  for (const finding of findings) {
    if (finding.status !== 'failed') continue;
    const { action, target, error } = finding;
    const key = JSON.stringify([target, error.message]);
    const before = grouped.get(key);
    if (before === undefined) grouped.set(key, { what: action, target, why: error.message });
    else before.what += `, ${action}`;
  }
  return [...grouped.values()];
}

type Found = Extract<Finding, { status: 'ok' }>;
interface Weighed {
  readonly name: string;
  readonly text: string;
  readonly weight: number;
}

/** First the values that the decision is based on, then other conspicuous values. */
function signals({ decision }: CaseFile, found: readonly Found[]): Signal[] {
  const rested = new Set(
    (decision?.conditions ?? [])
      .filter(({ result, rule }) => result === 'true' && rule !== 'when')
      .flatMap(({ values }) => Object.keys(values)),
  );
  const all = found.flatMap(({ as, action, target, output }) =>
    ranked(output)
      .filter(({ weight }) => weight >= 2)
      .map(({ name, text, weight }) => ({
        text,
        target,
        source: action,
        order: weight + (rested.has(`${as}.${name}`) ? 1 : 0),
      })),
  );
  return all
    .sort((a, b) => b.order - a.order)
    .slice(0, MOST_SIGNALS)
    .map(({ order: _, ...signal }) => signal);
}

/** The scalar values of a finding, the most informative first. */
function ranked(output: Readonly<Record<string, unknown>>): Weighed[] {
  return Object.entries(output)
    .flatMap(([name, value]) => {
      const shown = plain(value);
      return shown === undefined
        ? []
        : [{ name, text: `${words(name)}: ${shown}`, weight: weightOf(name, value) }];
    })
    .sort((a, b) => b.weight - a.weight);
}

const ALARMING = /^(critical|severe|high|malware|malicious|confirmedcompromised|atrisk)$/i;
const SUSPICIOUS = /^(medium|suspicious|unsanctionedsoftware|pua)$/i;
const ALARMING_NUMBER = /risky|exploitable|malicious|compromis/i;

function weightOf(name: string, value: unknown): number {
  if (typeof value === 'number') return value > 0 && ALARMING_NUMBER.test(name) ? 3 : 0;
  if (typeof value !== 'string') return value === true && ALARMING_NUMBER.test(name) ? 3 : 0;
  if (ALARMING.test(value)) return 4;
  if (SUSPICIOUS.test(value)) return 2;
  return ID.test(value) ? -1 : 1;
}

/** GUIDs, hashes and times are hardly informative for a reader. */
const ID = /^[0-9a-f-]{32,}$|^\d{4}-\d\d-\d\dT/i;

function plain(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE - 1)}…`;
}

/** `riskScore` as `Risk score`. */
function words(name: string): string {
  const text = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
