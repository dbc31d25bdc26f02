/** The actions that a playbook may name, with the properties that the playbook check needs. */
import type { z } from 'zod';
import type { Duration } from '../domain/duration.js';
import type { Entity, EntityKind } from '../domain/entities.js';
import type { LastingEffect } from '../domain/lasting-effect.js';
import type { RefusedStep } from '../domain/plan.js';
import type { Risk } from '../domain/risk.js';

/** The query for the record of an entity, or the reason why there is none. */
export type ActionTarget<C extends string = RefusedStep['code']> =
  | { readonly ok: true; readonly input: unknown }
  | { readonly ok: false; readonly code: C; readonly reason: string };

/** How an action identifies the record of an entity, without a call to a service. */
interface Identifies<C extends string> {
  identify(entity: Entity): ActionTarget<C>;
}

interface CatalogueEntry {
  /** `service.what`, e.g. `defender.device`. */
  readonly name: string;
  readonly title: string;
  readonly entity: EntityKind;
  readonly output: z.ZodType;
}
export interface CatalogueEnrichment extends CatalogueEntry {
  readonly kind: 'enrichment';
  readonly resolver: Identifies<string>;
}
export interface CatalogueResponse extends CatalogueEntry {
  readonly kind: 'response';
  readonly risk: Risk;
  readonly impact: string;
  readonly takesUpTo: Duration;
  readonly undo: { readonly describe: string } | { readonly irreversible: string };
  readonly lasting?: {
    readonly effect: LastingEffect;
    readonly does: 'begin' | 'end';
    key?(input: Readonly<Record<string, unknown>>): string;
  };
  readonly target?: { readonly resolver: Identifies<RefusedStep['code']> } | undefined;
}

export interface ActionCatalogue {
  readonly enrichments: ReadonlyMap<string, CatalogueEnrichment>;
  readonly responses: ReadonlyMap<string, CatalogueResponse>;
}

/** A declared action. Playbooks cannot use actions on the incident itself; the orchestration does. */
type Declared<A> = A extends CatalogueEntry
  ? Omit<A, 'entity'> & { readonly entity: EntityKind | 'incident' }
  : never;

/** The catalogue of the declared actions that a playbook may name: all actions on entities. */
export function catalogueOf(
  actions: Iterable<Declared<CatalogueEnrichment> | Declared<CatalogueResponse>>,
): ActionCatalogue {
  const enrichments = new Map<string, CatalogueEnrichment>();
  const responses = new Map<string, CatalogueResponse>();
  for (const { entity, ...action } of actions) {
    if (entity === 'incident') continue;
    if (action.kind === 'enrichment') enrichments.set(action.name, { ...action, entity });
    else responses.set(action.name, { ...action, entity });
  }
  return { enrichments, responses };
}
