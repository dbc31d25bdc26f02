/** The basis of the decision as text: the strongest signals, and what is unknown. */
import type { CaseView } from '../../domain/case-file.js';
import type { ConditionRecord } from '../../domain/plan.js';

/** Hostile text: escape it at the point of output. */
export interface Evidence {
  readonly text: string;
  readonly about: string;
}

type Seen = Pick<CaseView, 'decision' | 'plan' | 'alerts' | 'findings'>;

const SEVERITIES = ['high', 'medium', 'low', 'informational', 'unknown'];

/** First the conditions of the proposed responses, then the alerts, the most severe first. */
export function strongestSignals(view: Seen, most: number): Evidence[] {
  const rested = (view.decision?.conditions ?? [])
    .filter(({ rule, result }) => rule !== 'when' && result === 'true')
    .map((condition) => ({ text: valuesOf(condition), about: targetOf(view, condition.entityKey) }))
    .filter(({ text }) => text !== '');
  const alerts = [...(view.alerts ?? [])]
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .map(({ title, severity }) => ({ text: title, about: `${severity} alert` }));
  return distinct([...rested, ...alerts]).slice(0, most);
}

/** Failed enrichments; those with the same target and error share one line. */
export function unknowns(view: Seen, most: number): Evidence[] {
  const alike = new Map<string, { names: string[]; why: string; about: string }>();
  for (const finding of view.findings) {
    if (finding.status !== 'failed') continue;
    const { as, target, error } = finding;
    const key = JSON.stringify([target, error.message]);
    const entry = alike.get(key) ?? { names: [], why: error.message, about: target };
    entry.names.push(words(as));
    alike.set(key, entry);
  }
  return [...alike.values()]
    .map(({ names, why, about }) => ({ text: `${capital(names.join(', '))}: ${why}`, about }))
    .slice(0, most);
}

/** `Device risk score High, device onboarding status Onboarded`. Omits false, null, lists and objects. */
function valuesOf({ values }: ConditionRecord): string {
  const shown = Object.entries(values).flatMap(([name, value]) => {
    const [root = '', ...rest] = name.split('.');
    if (root === 'entity' || value === false || value === null || typeof value === 'object') return [];
    const words = wordsOf(root, rest.join(' '));
    return [value === true ? words : `${words} ${String(value)}`];
  });
  return capital(shown.join(', '));
}

/** `risk.riskLevel` as `risk level`. */
function wordsOf(root: string, leaf: string): string {
  const [of, what] = [words(root), words(leaf)];
  return what === '' || what.startsWith(of) ? what || of : `${of} ${what}`;
}

function words(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function targetOf({ plan, findings }: Seen, entityKey: string | undefined): string {
  const named = [...(plan?.steps ?? []), ...(plan?.refused ?? []), ...findings];
  return named.find((one) => one.entityKey === entityKey)?.target ?? '';
}

function distinct(all: readonly Evidence[]): Evidence[] {
  return [...new Map(all.map((one) => [JSON.stringify([one.text, one.about]), one])).values()];
}
