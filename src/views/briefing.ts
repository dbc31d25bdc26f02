/**
 * The view model of a case: all that a channel shows about it, in words. Comment, card, page and terminal render this,
 * and read no states themselves. Texts may be hostile: each channel escapes them at the point of output.
 */
import type { CaseView, EarlierRun, FindingBrief, TimelineEntry } from '../domain/case-file.js';
import type { Finding } from '../domain/finding.js';
import { acceptedDecisions } from './decisions.js';
import {
  type ConditionView,
  conditionViews,
  type Evidence,
  type EvidenceRow,
  evidence,
  signals,
  unknowns,
} from './findings.js';
import { type MergeView, mergeViews } from './merges.js';
import { type RequestView, requestView } from './requests.js';
import { type ManualAction, manualActionsOf, type StepView, stepViews } from './steps.js';
import { type TimelineDay, timelineDays } from './timeline.js';
import {
  BEGINS_AGAIN,
  builtInLine,
  decisionLine,
  headline,
  NAMES_OTHER_TENANT,
  OUTCOMES,
  SEVERITIES,
  UNFINISHED,
  type Words,
} from './words/case.js';
import type { Phrase } from './words/phrase.js';
import { between, readable, shortTime } from './words/time.js';

/** A case file, or the part of it that the orchestration gives to comment and cards. */
export type BriefedCase = Omit<CaseView, 'findings'> & {
  readonly findings: readonly (Finding | FindingBrief)[];
  readonly timeline?: readonly TimelineEntry[];
};

export interface AlertView {
  readonly title: string;
  readonly severity: Words;
  /** ISO 8601, UTC. */
  readonly startedAt: string | undefined;
}
export interface EarlierRunView {
  readonly receivedAt: string;
  readonly outcome: string;
  readonly effects: readonly string[];
}

export interface Briefing {
  readonly instanceId: string;
  readonly title: string;
  /** `Incident 2001`, `Incident without a number`. */
  readonly name: string;
  readonly number: string | undefined;
  readonly severity: Words;
  /** The incident in the portal; https, but of any host. */
  readonly url: string | undefined;
  /** What has the incident. */
  readonly service: 'Sentinel' | 'Defender';
  readonly description: string | undefined;
  readonly headline: Words;
  readonly isEnded: boolean;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  /** From receipt to end: `9 min 15 s`. Undefined until the end. */
  readonly took: string | undefined;
  /** Why the incident could not be handled further. */
  readonly error: string | undefined;
  /** What kept the run from its end, and how it goes on. Undefined: the end is final, or not reached yet. */
  readonly unfinished: string | undefined;
  /** What people must know about the incident's own data. Undefined: nothing. */
  readonly warning: string | undefined;
  /** What happened, in one sentence. */
  readonly sentence: string;
  /** In order of time. */
  readonly alerts: readonly AlertView[];
  readonly playbook: string | undefined;
  readonly decision: string | undefined;
  /** The strongest first. */
  readonly signals: readonly Evidence[];
  /** Values that are unknown, each with the reason. */
  readonly unknown: readonly Evidence[];
  /** Empty where the findings have no values. */
  readonly evidence: readonly EvidenceRow[];
  readonly conditions: readonly ConditionView[];
  /** The accounts that no rule is about, in one sentence. */
  readonly builtIn: string | undefined;
  readonly steps: readonly StepView[];
  readonly manualActions: readonly ManualAction[];
  readonly requests: readonly RequestView[];
  /** The accepted decisions, in order. */
  readonly decisions: readonly Phrase[];
  readonly timeline: readonly TimelineDay[];
  readonly earlierRuns: readonly EarlierRunView[];
  readonly merges: readonly MergeView[];
}

export function briefing(file: BriefedCase): Briefing {
  const { instanceId, title, number, origin, url, description, stage, receivedAt, endedAt, error, decision } =
    file;
  const steps = stepViews(file);
  return {
    instanceId,
    title,
    name: `Incident ${number ?? 'without a number'}`,
    number,
    severity: SEVERITIES[file.severity],
    url: url?.startsWith('https://') ? url : undefined,
    service: origin.kind === 'sentinel' ? 'Sentinel' : 'Defender',
    description: description || undefined,
    headline: headline(file),
    isEnded: stage === 'ended',
    receivedAt,
    took: between(receivedAt, endedAt),
    error: error && readable(error.message),
    unfinished: file.unfinished && `${UNFINISHED[file.unfinished]} ${BEGINS_AGAIN}`,
    warning: file.namesOtherTenant ? NAMES_OTHER_TENANT : undefined,
    sentence: sentence(file),
    alerts: alertsOf(file),
    playbook: decision?.playbook.title ?? file.plan?.playbook.title,
    decision: decisionLine(file),
    signals: signals(file),
    unknown: unknowns(file),
    evidence: evidence(file),
    conditions: conditionViews(file),
    builtIn: builtInLine(file),
    steps,
    manualActions: manualActionsOf(file),
    requests: file.approvals.map((request) => requestView(file, request, steps)),
    decisions: acceptedDecisions(file),
    timeline: timelineDays(file.timeline ?? [], receivedAt),
    earlierRuns: (file.earlier ?? []).map(earlierRun),
    merges: mergeViews(file),
  };
}

function alertsOf({ alerts = [] }: Pick<BriefedCase, 'alerts'>): AlertView[] {
  return [...alerts]
    .sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1))
    .map(({ title, severity, startedAt }) => ({ title, severity: SEVERITIES[severity], startedAt }));
}

/** `Credential dumping and 5 more alerts, the first at 2026-03-10 07:41 UTC.` */
function sentence({ alerts = [], title }: Pick<BriefedCase, 'alerts' | 'title'>): string {
  const [first] = alerts.flatMap(({ startedAt }) => startedAt ?? []).sort();
  const strongest = alerts.find(({ severity }) => severity === 'high') ?? alerts[0];
  if (strongest === undefined) return title;
  const others = alerts.length - 1;
  const more = others === 0 ? '' : ` and ${others} more ${others === 1 ? 'alert' : 'alerts'}`;
  const start = others === 0 ? 'at' : 'the first at';
  return `${strongest.title}${more}${first === undefined ? '' : `, ${start} ${shortTime(first)}`}.`;
}

function earlierRun({ receivedAt, outcome, effects }: EarlierRun): EarlierRunView {
  return { receivedAt, outcome: outcome === undefined ? 'not ended' : OUTCOMES[outcome].words, effects };
}
