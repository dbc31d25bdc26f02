import { ResponderError } from '../domain/errors.js';
import type { ReadOrigin } from '../domain/incident.js';
import type { ActionContext } from './define.js';

/** Where Sentinel has the incident. @throws ResponderError `no-workspace` for an incident that Sentinel does not know. */
export function sentinelOf({ incident }: ActionContext): Extract<ReadOrigin, { kind: 'sentinel' }> {
  if (incident.origin.kind === 'sentinel') return incident.origin;
  throw new ResponderError({
    code: 'no-workspace',
    message: 'The incident belongs to no Sentinel workspace, so Sentinel cannot be asked.',
    fault: 'caller',
    retry: 'no',
  });
}
