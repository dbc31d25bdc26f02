/** The events of an incident that `start` shows while they happen. */
import type { z } from 'zod';
import type { DecisionKind } from '../../domain/approval.js';
import type { Outcome } from '../../domain/case-file.js';
import type { decisionRecordSchema, planSchema } from '../../domain/plan.js';
import type { Severity } from '../../domain/severity.js';

/** A row of a fan-out: one enrichment of one entity. */
export interface EnrichmentRow {
  readonly id: string;
  readonly action: string;
  readonly target: string;
}

interface EventOrigin {
  /** Milliseconds since the Unix epoch, by the host's clock. */
  readonly at: number;
  readonly instanceId: string;
}
/** A progress event without time and instance. */
export type ProgressUpdate =
  | { readonly kind: 'accepted' }
  /** Its service did not return the incident, and is queried again. */
  | { readonly kind: 'reading-again'; readonly error: string; readonly afterMs: number }
  | {
      readonly kind: 'read';
      readonly title: string;
      readonly number: string | undefined;
      readonly severity: Severity;
      readonly alerts: number;
      readonly entities: number;
    }
  | {
      readonly kind: 'enriching';
      readonly playbook: string | undefined;
      readonly rows: readonly EnrichmentRow[];
      /** Number of enrichments of entities that lack an identifier: they have a finding, but no call. */
      readonly notRun: number;
    }
  | {
      readonly kind: 'enriched';
      readonly row: EnrichmentRow;
      readonly durationMs: number;
      readonly brief: string;
    }
  | {
      readonly kind: 'not-enriched';
      readonly row: EnrichmentRow;
      readonly durationMs: number;
      readonly error: string;
    }
  | {
      readonly kind: 'decided';
      readonly decision: z.infer<typeof decisionRecordSchema>;
      readonly plan: z.infer<typeof planSchema> | undefined;
    }
  | { readonly kind: 'waiting'; readonly expiresAt: string }
  /** The expiry has changed; undefined: no request is open any more. */
  | { readonly kind: 'waits-until'; readonly expiresAt: string | undefined }
  | {
      readonly kind: 'evaluated';
      readonly decision: DecisionKind;
      readonly by: string;
      readonly accepted: boolean;
      readonly code: string;
      readonly message: string | undefined;
    }
  | {
      readonly kind: 'response';
      readonly action: string;
      readonly target: string;
      readonly state: string;
      readonly text: string | undefined;
    }
  | { readonly kind: 'commented'; readonly commentId: string }
  | { readonly kind: 'comment-failed'; readonly error: string }
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'broken'; readonly error: string };
export type ProgressEvent = EventOrigin & ProgressUpdate;

/** A message that is not about one instance. */
export interface Note {
  readonly kind: 'note';
  readonly at: number;
  readonly level: 'warning' | 'error';
  readonly text: string;
}
