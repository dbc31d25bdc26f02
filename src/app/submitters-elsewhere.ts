/**
 * Who submitted an incident under its other keys. An instance there hands that over once it has read the incident, but its service
 * may not return it yet, or never: these people must not decide about the incident either.
 */
import type { InvocationContext } from '@azure/functions';
import { type IncidentOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import { instanceIdOf } from '../intake/index.js';
import { IncidentInstances } from './incident-instances.js';
import { EVERY_CASE } from './visible-cases.js';

/** Object ids. @param others where other services have the incident, as its own service confirms */
export async function submittersElsewhere(
  others: readonly IncidentOrigin[],
  context: InvocationContext,
): Promise<string[]> {
  const instances = new IncidentInstances(context, EVERY_CASE);
  const all = others.map(async (origin) => {
    const instance = await instances.find(instanceIdOf(keyOfOrigin(origin)));
    const current = instance && (await instances.current(instance));
    return current?.file?.submitters ?? [];
  });
  return (await Promise.all(all)).flat();
}
