import type { EntityContext } from 'durable-functions';
import {
  applyRelianceRequest,
  type Reliance,
  type RelianceAnswer,
  type RelianceRequest,
  relianceMessageSchema,
} from '../domain/reliance.js';
import type { Sealer } from '../domain/sealed.js';
import { clock } from './clock.js';

/**
 * Tracks which runs rely on one effect on one record. It accepts only requests that the app's orchestrations sealed. Other
 * calls are logged, refused, and change nothing. It returns values and never throws.
 */
export function relianceEntity(open: Sealer['open']): (context: EntityContext<Reliance>) => void {
  return (context) => {
    const { df } = context;
    const request = requestOf(df.getInput<unknown>(), df.entityKey, open);
    if (request === undefined) {
      context.error(`Alarm: a reliance request to ${df.entityKey} was not sent by the app.`);
      df.return({ state: 'refused', code: 'not-understood' } satisfies RelianceAnswer);
      return;
    }
    const { reliance, answer } = applyRelianceRequest(df.getState(), request, clock.now());
    df.setState(reliance);
    df.return(answer);
  };
}

/** The request, if a run sealed it for this entity and about itself. */
function requestOf(raw: unknown, key: string, open: Sealer['open']): RelianceRequest | undefined {
  const opened = open(raw, { purpose: 'reliance' });
  const message = opened.ok ? relianceMessageSchema.safeParse(opened.content) : undefined;
  if (!opened.ok || !message?.success || message.data.key !== key) return undefined;
  const { request } = message.data;
  const { instanceId, generation } = request.who;
  return instanceId === opened.instanceId && generation === opened.generation ? request : undefined;
}
