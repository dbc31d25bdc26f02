/** Apps in the directory. https://learn.microsoft.com/graph/api/resources/serviceprincipal */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

const text = z.string().nullish();
const servicePrincipalSchema = z.looseObject({
  id: z.string().min(1),
  appId: z.string().min(1),
  displayName: text,
  accountEnabled: z.boolean().nullish(),
  /** The tenant that the app is registered in. */
  appOwnerOrganizationId: text,
  servicePrincipalType: text,
  verifiedPublisher: z.looseObject({ displayName: text, verifiedPublisherId: text }).nullish(),
});
export type ServicePrincipal = z.infer<typeof servicePrincipalSchema>;
const listSchema = odataListSchema(servicePrincipalSchema);
const PROPERTIES = { raw: Object.keys(servicePrincipalSchema.shape).join(',') };

/** Undefined if the directory has none. @param id object id. https://learn.microsoft.com/graph/api/serviceprincipal-get */
export function findServicePrincipal(id: string, ctx: ActionContext): Promise<ServicePrincipal | undefined> {
  return orNone(readServicePrincipal(id, ctx));
}

/** @throws ResponderError of the client. */
export async function readServicePrincipal(id: string, ctx: ActionContext): Promise<ServicePrincipal> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/servicePrincipals/${id}?$select=${PROPERTIES}`,
    servicePrincipalSchema,
    { signal: ctx.signal },
  );
  return body;
}

/** At most one. https://learn.microsoft.com/graph/api/serviceprincipal-list */
export async function findByAppId(appId: string, ctx: ActionContext): Promise<readonly ServicePrincipal[]> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/servicePrincipals?$filter=${odata`appId eq ${appId}`}&$select=${PROPERTIES}`,
    listSchema,
    { signal: ctx.signal },
  );
  return completeList(body, 'The directory');
}

/**
 * The application id of an app registration in this tenant; undefined if the tenant has none with this object id.
 * https://learn.microsoft.com/graph/api/application-get
 */
export async function appIdOfRegistration(id: string, ctx: ActionContext): Promise<string | undefined> {
  const found = await orNone(
    ctx.clients.graph.get(
      path`/v1.0/applications/${id}?$select=id,appId`,
      z.looseObject({ appId: z.string().min(1) }),
      { signal: ctx.signal },
    ),
  );
  return found?.body.appId;
}

async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}
