import type { ErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';

/** What a service returned about an incident. */
export interface IncidentRead {
  /** Without the parts that could not be read. */
  readonly incident: Incident;
  /** The first part that could not be read. */
  readonly unread: { readonly part: 'alerts' | 'entities'; readonly error: ErrorInfo } | undefined;
}
