/** The records that a decision needs: those of the entities for which a response would be proposed. */
import type { Finding } from '../domain/finding.js';
import type { Incident } from '../domain/incident.js';
import { incidentSubject } from '../domain/subject.js';
import type { ActionCatalogue } from './catalogue.js';
import { decide } from './decide.js';
import { asInput, orderedEntities, safely } from './enrichment-plan.js';
import type { Playbook } from './playbook.js';
import { type ResolvedTarget, targetKey } from './targets.js';

/** A record to look up, by all identifiers of the entity. */
export interface TargetRequest {
  readonly key: string;
  readonly action: string;
  readonly entityKey: string;
  readonly query: Readonly<Record<string, unknown>>;
}

/** The records to look up before `decide` can propose a response, and the targets that are known without a call. */
export function targetRequests(
  playbook: Playbook,
  incident: Incident,
  findings: readonly Finding[],
  catalogue: ActionCatalogue,
): { wanted: TargetRequest[]; known: Map<string, ResolvedTarget> } {
  const needed = new Set<string>();
  const targets = { get: (key: string) => void needed.add(key) };
  decide(playbook, incident, findings, catalogue, { targets, tenantId: undefined });
  const wanted: TargetRequest[] = [];
  const known = new Map<string, ResolvedTarget>();
  for (const action of catalogue.responses.values()) {
    for (const entity of [...orderedEntities(incident), incidentSubject(incident)]) {
      const key = targetKey(action.name, entity.key);
      if (!needed.has(key)) continue;
      const { target } = action;
      const query = target ? safely(() => target.resolver.identify(entity)) : NO_TARGET;
      if (!query.ok) known.set(key, query);
      else
        wanted.push({ key, action: action.name, entityKey: entity.key, query: asInput(query.input) ?? {} });
    }
  }
  return { wanted, known };
}

const NO_TARGET = { ok: false, code: 'unsupported-target', reason: 'the action has no target' } as const;
