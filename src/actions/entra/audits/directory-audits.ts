/** The audit log of Entra about one object. https://learn.microsoft.com/graph/api/directoryaudit-list */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

const text = z.string().nullish();
const auditSchema = z.looseObject({
  activityDateTime: z.string(),
  activityDisplayName: z.string(),
  correlationId: text,
  result: text,
  initiatedBy: z
    .looseObject({
      app: z.looseObject({ displayName: text }).nullish(),
      user: z.looseObject({ displayName: text, userPrincipalName: text }).nullish(),
    })
    .nullish(),
  targetResources: z
    .array(
      z.looseObject({
        id: text,
        modifiedProperties: z
          .array(z.looseObject({ displayName: text, newValue: text, oldValue: text }))
          .nullish(),
      }),
    )
    .nullish(),
});
const listSchema = odataListSchema(auditSchema);
export type Audit = z.infer<typeof auditSchema>;

/** Who did something, and when. */
export interface AuditedChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly byApp: boolean;
  /** Name of the user or app, for people. */
  readonly actor: string;
  /** Equal for all entries of one call. */
  readonly call: string | undefined;
}

/**
 * What succeeded since then (milliseconds since the epoch) on an object, in no order.
 * @throws ResponderError `incomplete-answer`; those of the client, `forbidden` where the log may not be read.
 */
export async function readAudits(
  objectId: string,
  since: number,
  ctx: ActionContext,
): Promise<readonly Audit[]> {
  const from = { raw: new Date(since).toISOString() };
  const target = odata`targetResources/any(t:t/id eq ${objectId})`;
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/auditLogs/directoryAudits?$filter=activityDateTime%20ge%20${from}%20and%20${target}`,
    listSchema,
    { signal: ctx.signal },
  );
  return completeList(body, 'The audit log of Entra').filter(
    ({ result, targetResources }) => result !== 'failure' && isAbout(targetResources, objectId),
  );
}

export function auditedChange({ activityDateTime, correlationId, initiatedBy }: Audit): AuditedChange {
  const { app, user } = initiatedBy ?? {};
  const actor = user?.userPrincipalName ?? user?.displayName ?? app?.displayName ?? 'an unknown account';
  return {
    at: Date.parse(activityDateTime),
    byApp: Boolean(app) && !user,
    actor,
    call: correlationId || undefined,
  };
}

function isAbout(targets: Audit['targetResources'], objectId: string): boolean {
  return targets?.some(({ id }) => id?.toLowerCase() === objectId.toLowerCase()) ?? false;
}
