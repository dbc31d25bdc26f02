import { z } from 'zod';
import { ResponderError } from '../domain/errors.js';
import { type IncidentOrigin, incidentOriginSchema } from '../domain/incident-origin.js';
import type { SealedMessage } from '../domain/sealed.js';
import { START_NOT_SEALED } from '../orchestrator/index.js';
import { sealer } from './sealing.js';

const inputSchema = z.object({ origin: incidentOriginSchema });

/**
 * Where the incident of an instance is read, as the trigger that started the instance has sealed it.
 * @throws ResponderError `start-not-sealed` if no trigger of the app started it.
 */
export function startedOrigin(start: SealedMessage, instanceId: string): IncidentOrigin {
  const opened = sealer.open(start, { purpose: 'start', instanceId });
  if (opened.ok) return inputSchema.parse(opened.content).origin;
  throw new ResponderError({
    code: START_NOT_SEALED,
    message: 'The responder did not start this instance; nothing was handed over.',
    fault: 'caller',
    retry: 'no',
  });
}
