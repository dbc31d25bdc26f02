/**
 * Who last enabled or disabled a user, from the audit log of Entra: the user's own record does not contain it. Changes of
 * the last minutes may be missing from the log.
 * https://learn.microsoft.com/graph/api/resources/directoryaudit
 */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

const auditSchema = z.looseObject({
  activityDateTime: z.string(),
  activityDisplayName: z.string(),
  correlationId: z.string().nullish(),
  result: z.string().nullish(),
  initiatedBy: z
    .looseObject({
      app: z.looseObject({ displayName: z.string().nullish() }).nullish(),
      user: z
        .looseObject({ displayName: z.string().nullish(), userPrincipalName: z.string().nullish() })
        .nullish(),
    })
    .nullish(),
  targetResources: z
    .array(
      z.looseObject({
        id: z.string().nullish(),
        modifiedProperties: z.array(z.looseObject({ displayName: z.string().nullish() })).nullish(),
      }),
    )
    .nullish(),
});
const listSchema = odataListSchema(auditSchema);
type Audit = z.infer<typeof auditSchema>;

/** A change of `accountEnabled`, or a possible one. */
export interface AccountChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly what: 'enabled' | 'disabled' | 'updated';
  readonly byApp: boolean;
  /** Name of the user or app, for people. */
  readonly actor: string;
  /** Equal for all entries of one call. */
  readonly call: string | undefined;
}

/** Entries of one call are written at almost the same time. */
const OF_ONE_CALL_MS = 2_000;

/** https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities */
const ACTIVITIES: Readonly<Record<string, AccountChange['what']>> = {
  'enable account': 'enabled',
  'disable account': 'disabled',
};

/**
 * Changes of one user since then (milliseconds since the epoch), newest first.
 * @throws ResponderError `incomplete-answer`; those of the client, `forbidden` where the log may not be read.
 */
export async function readAccountChanges(
  objectId: string,
  since: number,
  ctx: ActionContext,
): Promise<AccountChange[]> {
  const from = { raw: new Date(since).toISOString() };
  const target = odata`targetResources/any(t:t/id eq ${objectId})`;
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/auditLogs/directoryAudits?$filter=activityDateTime%20ge%20${from}%20and%20${target}`,
    listSchema,
    { signal: ctx.signal },
  );
  const changes = completeList(body, 'The audit log of Entra')
    .filter(({ result, targetResources }) => result !== 'failure' && isAbout(targetResources, objectId))
    .flatMap(changeOf);
  return changes
    .filter((change) => !changes.some((other) => isMoreSpecific(other, change)))
    .sort((a, b) => b.at - a.at);
}

/** A call that disables a user may be logged as that, and again as an update of the user. */
function isMoreSpecific(other: AccountChange, { what, call, actor, byApp, at }: AccountChange): boolean {
  return (
    what === 'updated' &&
    other.what !== 'updated' &&
    call !== undefined &&
    other.call === call &&
    other.actor === actor &&
    other.byApp === byApp &&
    Math.abs(other.at - at) <= OF_ONE_CALL_MS
  );
}

function isAbout(targets: Audit['targetResources'], objectId: string): boolean {
  return targets?.some(({ id }) => id?.toLowerCase() === objectId.toLowerCase()) ?? false;
}

function changeOf({
  activityDateTime,
  activityDisplayName,
  correlationId,
  initiatedBy,
  targetResources,
}: Audit): AccountChange[] {
  const name = activityDisplayName.toLowerCase();
  const touched = targetResources?.flatMap(({ modifiedProperties }) => modifiedProperties ?? []) ?? [];
  const isUpdate =
    name === 'update user' &&
    touched.some(({ displayName }) => displayName?.toLowerCase() === 'accountenabled');
  const what = ACTIVITIES[name] ?? (isUpdate ? 'updated' : undefined);
  if (what === undefined) return [];
  const { app, user } = initiatedBy ?? {};
  const actor = user?.userPrincipalName ?? user?.displayName ?? app?.displayName ?? 'an unknown account';
  return [
    {
      at: Date.parse(activityDateTime),
      what,
      byApp: Boolean(app) && !user,
      actor,
      call: correlationId || undefined,
    },
  ];
}
