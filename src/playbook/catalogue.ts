/** The actions that a playbook may name, with the properties that the playbook check needs. */
import type { z } from 'zod';
import type { Duration } from '../domain/duration.js';
import type { EntityKind } from '../domain/entities.js';
import type { IncidentChange } from '../domain/incident-change.js';
import type { LastingEffect } from '../domain/lasting-effect.js';
import type { RefusedStep } from '../domain/plan.js';
import type { Risk } from '../domain/risk.js';
import type { Subject, SubjectKind } from '../domain/subject.js';

/** The query for the record of an entity, or the reason why there is none. */
export type ActionTarget<C extends string = RefusedStep['code']> =
  | { readonly ok: true; readonly input: unknown }
  | { readonly ok: false; readonly code: C; readonly reason: string };

/** How an action identifies the record of an entity, without a call to a service. */
interface Identifies<C extends string> {
  identify(subject: Subject): ActionTarget<C>;
}

interface CatalogueEntry {
  /** `service.what`, e.g. `defender.device`. */
  readonly name: string;
  readonly title: string;
  readonly entity: SubjectKind;
  readonly output: z.ZodType;
}
export interface CatalogueEnrichment extends CatalogueEntry {
  readonly kind: 'enrichment';
  readonly entity: EntityKind;
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
  readonly settings?: CatalogueSettings | undefined;
}
/** What a rule chooses with `with`. */
interface CatalogueSettings {
  readonly schema: z.ZodType;
  title(settings: unknown): string;
  variant?(settings: unknown): string;
  changes?(settings: unknown, seen: unknown): IncidentChange | undefined;
}

export interface ActionCatalogue {
  readonly enrichments: ReadonlyMap<string, CatalogueEnrichment>;
  readonly responses: ReadonlyMap<string, CatalogueResponse>;
}

/** The catalogue of the declared actions that a playbook may name. Those without a target are the orchestration's own. */
export function catalogueOf(actions: Iterable<CatalogueEnrichment | CatalogueResponse>): ActionCatalogue {
  const enrichments = new Map<string, CatalogueEnrichment>();
  const responses = new Map<string, CatalogueResponse>();
  for (const action of actions) {
    if (action.kind === 'enrichment') enrichments.set(action.name, action);
    else if (action.entity !== 'incident' || action.target !== undefined) responses.set(action.name, action);
  }
  return { enrichments, responses };
}
