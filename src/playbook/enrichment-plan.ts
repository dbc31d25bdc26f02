import { compareText } from '../domain/canonical.js';
import type { Entity } from '../domain/entities.js';
import { toErrorInfo } from '../domain/errors.js';
import type { Finding } from '../domain/finding.js';
import type { Incident } from '../domain/incident.js';
import type { ActionCatalogue, ActionTarget, CatalogueEnrichment } from './catalogue.js';
import { inOrderOfLimit, leftOutWords } from './entity-order.js';
import type { EnrichRule, Playbook } from './playbook.js';

/** One run of one enrichment on one entity. */
export interface EnrichmentTask {
  readonly action: string;
  readonly as: string;
  readonly entityKey: string;
  /** Display name for analysts. Untrusted text. */
  readonly target: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly deadlineMs: number;
}

/**
 * Plans the enrichments of an incident: the tasks to run, and failed findings for entities that lack an identifier or
 * exceed the rule's limit.
 * @returns `isLimited`: a limit leaves out an entity, so it matters which ones are the most suspicious
 */
export function compileEnrichments(
  playbook: Playbook,
  incident: Incident,
  catalogue: ActionCatalogue,
): { tasks: EnrichmentTask[]; findings: Finding[]; isLimited: boolean } {
  const tasks: EnrichmentTask[] = [];
  const findings: Finding[] = [];
  let isLimited = false;
  for (const rule of playbook.enrich) {
    const action = catalogue.enrichments.get(rule.action);
    const entities = orderedEntities(incident).filter((entity) => entity.kind === rule.for);
    const known = inOrderOfLimit(entities, incident).map((entity) => ({
      entity,
      target: targetOf(action, entity),
    }));
    const all = known.filter(({ target }) => target.ok).length;
    let count = 0;
    for (const { entity, target: found } of known) {
      const isOver = found.ok && count >= rule.limit;
      isLimited ||= isOver;
      const target = isOver ? overLimit(rule, all, leftOutWords(entity, incident)) : found;
      if (target.ok) {
        count += 1;
        tasks.push(task(rule, entity, target.input));
      } else findings.push(failed(rule, entity, target.code, target.reason));
    }
  }
  return { tasks, findings, isLimited };
}

/** The entities that rules are about, each once, in an order that does not depend on the input order. */
export function orderedEntities(incident: Incident): Entity[] {
  const known = incident.entities.filter(({ identity }) => identity !== 'built-in');
  const byKey = new Map(known.map((entity) => [entity.key, entity]));
  return [...byKey.values()].sort((a, b) => compareText(a.key, b.key));
}

/** The input as a JSON object; undefined if it is something else. */
export function asInput(input: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject ? (input as Record<string, unknown>) : undefined;
}

function task(rule: EnrichRule, entity: Entity, input: unknown): EnrichmentTask {
  const { action, as, deadlineMs } = rule;
  return {
    action,
    as,
    entityKey: entity.key,
    target: entity.display,
    input: asInput(input) ?? {},
    deadlineMs,
  };
}

function targetOf(action: CatalogueEnrichment | undefined, entity: Entity): ActionTarget<string> {
  if (action === undefined) return { ok: false, code: 'unknown-action', reason: 'the action does not exist' };
  return safely(() => action.resolver.identify(entity));
}

/** Calls a declaration that may throw. A bug in one action must not fail the whole decision. */
export function safely<C extends string>(target: () => ActionTarget<C>): ActionTarget<C | 'target-unknown'> {
  try {
    return target();
  } catch (thrown) {
    return { ok: false, code: 'target-unknown', reason: toErrorInfo(thrown).message };
  }
}

const overLimit = ({ limit }: EnrichRule, all: number, words: string): ActionTarget<string> => ({
  ok: false,
  code: 'over-limit',
  reason:
    `the playbook runs it on at most ${limit} entities, and there are ${all}: first those that a response may act on, ` +
    `of these the most suspicious, then the best identified; this one is left out (${words})`,
});

function failed(rule: EnrichRule, entity: Entity, code: string, message: string): Finding {
  return {
    status: 'failed',
    action: rule.action,
    as: rule.as,
    entityKey: entity.key,
    target: entity.display,
    durationMs: 0,
    error: { code, message, fault: 'caller', retry: 'no' },
  };
}
