import type { EntityContext } from 'durable-functions';
import {
  hearReliance,
  type Reliance,
  type RelianceAnswer,
  type RelianceRequest,
  relianceMessageSchema,
} from '../domain/reliance.js';
import type { Sealer } from '../domain/sealed.js';
import { clock } from './clock.js';

/**
 * Who relies on one effect on one record. Only orchestrations of the app are heard: they seal what they ask. Everything
 * else is logged and answered with a refusal, and changes nothing. It answers with values and never throws.
 */
export function relianceEntity(open: Sealer['open']): (context: EntityContext<Reliance>) => void {
  return (context) => {
    const { df } = context;
    const request = requestOf(df.getInput<unknown>(), df.entityKey, open);
    if (request === undefined) {
      context.error(
        `Alarm: what was said to ${df.entityKey} about who relies on it did not come from the app.`,
      );
      df.return({ state: 'refused', code: 'not-understood' } satisfies RelianceAnswer);
      return;
    }
    const { reliance, answer } = hearReliance(df.getState(), request, clock.now());
    df.setState(reliance);
    df.return(answer);
  };
}

/** What was sealed by a run, for this very state, and about itself. */
function requestOf(raw: unknown, key: string, open: Sealer['open']): RelianceRequest | undefined {
  const opened = open(raw, { purpose: 'reliance' });
  const message = opened.ok ? relianceMessageSchema.safeParse(opened.content) : undefined;
  if (!opened.ok || !message?.success || message.data.key !== key) return undefined;
  const { request } = message.data;
  const { instanceId, generation } = request.who;
  return instanceId === opened.instanceId && generation === opened.generation ? request : undefined;
}
