/** An app of a real tenant. Tests start it, and it calls no service. */
export const WORKSPACE =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/law-soc';
/** Settings of an app whose services are the real ones; tests never call them. */
export const REAL_TENANT = {
  SIMULATED_TENANT_URL: '',
  SENTINEL_WORKSPACES: JSON.stringify([{ id: WORKSPACE }]),
} as const;
