/** Which records a decision needs: those of the entities that a response would be proposed for. */
import type { Finding } from '../domain/finding.js';
import type { Incident } from '../domain/incident.js';
import type { ActionCatalogue } from './catalogue.js';
import { decide } from './decide.js';
import { asInput, guarded, orderedEntities } from './legs.js';
import type { Playbook } from './playbook.js';
import { type ResolvedTarget, targetKey } from './targets.js';

/** A record to look up, by all identifiers of the entity. */
export interface WantedTarget {
  readonly key: string;
  readonly action: string;
  readonly entityKey: string;
  readonly query: Readonly<Record<string, unknown>>;
}

/** What has to be looked up before `decide` can propose anything, and what is known without a call. */
export function wantedTargets(
  playbook: Playbook,
  incident: Incident,
  findings: readonly Finding[],
  catalogue: ActionCatalogue,
): { wanted: WantedTarget[]; known: Map<string, ResolvedTarget> } {
  const asked = new Set<string>();
  decide(playbook, incident, findings, catalogue, { get: (key) => void asked.add(key) });
  const wanted: WantedTarget[] = [];
  const known = new Map<string, ResolvedTarget>();
  for (const action of catalogue.responses.values()) {
    for (const entity of orderedEntities(incident)) {
      const key = targetKey(action.name, entity.key);
      if (!asked.has(key)) continue;
      const { target } = action;
      const query = target ? guarded(() => target.resolver.identify(entity)) : NO_TARGET;
      if (!query.ok) known.set(key, query);
      else
        wanted.push({ key, action: action.name, entityKey: entity.key, query: asInput(query.input) ?? {} });
    }
  }
  return { wanted, known };
}

const NO_TARGET = { ok: false, code: 'unsupported-target', reason: 'the action has no target' } as const;
