/** The permissions that an app has of its own, without a user. */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

const assignmentsSchema = odataListSchema(
  z.looseObject({ appRoleId: z.string().min(1), resourceId: z.string().min(1) }),
);
const apiSchema = z.looseObject({
  appRoles: z.array(z.looseObject({ id: z.string(), value: z.string().nullish() })),
});
/** The role of an assignment that gives access without a permission. */
const DEFAULT_ACCESS = '00000000-0000-0000-0000-000000000000';

/**
 * Names as the APIs define them, e.g. `Mail.ReadWrite`; a role that its API no longer defines is named by its id.
 * https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments
 * @throws ResponderError `incomplete-answer`; those of the client.
 */
export async function readAppPermissions(id: string, ctx: ActionContext): Promise<string[]> {
  const { signal } = ctx;
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/servicePrincipals/${id}/appRoleAssignments`,
    assignmentsSchema,
    { signal },
  );
  const assigned = completeList(body, 'The directory').filter((one) => one.appRoleId !== DEFAULT_ACCESS);
  const apis = [...new Set(assigned.map(({ resourceId }) => resourceId))];
  const names = await Promise.all(
    apis.map(async (api) => {
      const where = path`/v1.0/servicePrincipals/${api}?$select=appRoles`;
      const { appRoles } = (await ctx.clients.graph.get(where, apiSchema, { signal })).body;
      const ofApi = assigned.filter(({ resourceId }) => resourceId === api);
      return ofApi.map(
        ({ appRoleId }) => appRoles.find((role) => role.id === appRoleId)?.value || `role ${appRoleId}`,
      );
    }),
  );
  return [...new Set(names.flat())].sort();
}
