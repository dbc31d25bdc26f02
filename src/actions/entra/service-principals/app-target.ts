/** The service principal of an app, for responses that change it: known refusals come before anyone is asked. */
import { z } from 'zod';
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext, Refusal, ResponseTarget } from '../../define.js';
import { nameOf, servicePrincipalResolver } from './service-principal-resolver.js';
import type { ServicePrincipal } from './service-principals.js';

export const appInputSchema = z.object({
  servicePrincipalId: z.string().min(1).describe('Object id of the service principal'),
  app: z.string().describe('Name of the app, for people'),
});
export type AppInput = z.infer<typeof appInputSchema>;

/** Tenants that Microsoft's own apps are registered in. */
const MICROSOFT = new Set([
  // https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
  ...['f8cdef31-a31e-4b4a-93e4-5f571e91255a', '72f988bf-86f1-41af-91ab-2d7cd011db47'],
  // Not documented, but seen in directories as owners of Microsoft's apps.
  '33e01921-4d64-4f8c-a055-5bdaffd5e33d',
  'cdc5aeea-15c5-4db6-b079-fcadd2505dc2',
  '975f013f-7f24-47e8-a7d3-abc4752bf346',
]);

export const isOfMicrosoft = ({ appOwnerOrganizationId: owner }: ServicePrincipal): boolean =>
  MICROSOFT.has(lowerCase(owner ?? ''));

/** Why an app is left to people, as a sentence. Undefined: it is not. */
function protectionOfApp(app: ServicePrincipal, { containment }: ActionContext): string | undefined {
  const appId = lowerCase(app.appId);
  if (containment.ownApps?.includes(appId)) return 'The responder itself is this app.';
  if (containment.protectedApps?.includes(appId)) return 'PROTECTED_APPS names this app.';
  if (isOfMicrosoft(app)) {
    return 'This is an app of Microsoft, on which other services of the tenant depend.';
  }
  if (lowerCase(app.servicePrincipalType ?? '') === 'managedidentity') {
    return 'This is a managed identity, which is changed only through its Azure resource.';
  }
  return app.appOwnerOrganizationId
    ? undefined
    : 'The directory does not say in which tenant this app is registered.';
}

/** The refusal to change an app that is left to people. Undefined: it may be changed. */
export function refusalOfProtected(app: ServicePrincipal, ctx: ActionContext): Refusal | undefined {
  const protection = protectionOfApp(app, ctx);
  if (protection === undefined) return undefined;
  const reason = `${protection} An administrator decides, and changes it by hand.`;
  return { ok: false, code: 'unsupported-target', reason };
}

export const appTarget: ResponseTarget<AppInput, ServicePrincipal> = {
  resolver: servicePrincipalResolver,
  accept: (app, _record, ctx) =>
    refusalOfProtected(app, ctx) ?? {
      ok: true,
      input: { servicePrincipalId: lowerCase(app.id), app: nameOf(app) },
    },
};
