/** The credential of the responder. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import {
  ClientAssertionCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import { ResponderError } from '../domain/errors.js';
import type { ConnectorConfig } from './config.js';

/** Made up: a replay accepts any credential. */
const REPLAY = {
  tenantId: '00000000-0000-4000-8000-0000000000ac',
  clientId: 'replay',
  clientSecret: 'replay',
};

/** The audience of the token that a managed identity proves an app with. */
const TOKEN_EXCHANGE = 'api://AzureADTokenExchange/.default';

/**
 * A client secret where one is configured (always for a simulated tenant); the token of a managed identity where one is named
 * for that; else the managed identity or developer sign-in that DefaultAzureCredential finds.
 * @throws ResponderError `configuration` for a simulated tenant without tenant, client and secret.
 */
export function createCredential(config: ConnectorConfig, httpClient: HttpClient): TokenCredential {
  const { tenantId, clientId, clientSecret, managedIdentityClientId } = {
    ...(config.recordedExchanges === undefined ? {} : REPLAY),
    ...config,
  };
  if (tenantId !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return new ClientSecretCredential(tenantId, clientId, clientSecret, signInOptions(httpClient));
  }
  if (config.simulatedTenantUrl !== undefined) {
    throw new ResponderError({
      code: 'configuration',
      message: 'A simulated tenant needs AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.',
      fault: 'caller',
      retry: 'no',
      next: 'Set all three to the values of the app in tenant.json.',
    });
  }
  if (tenantId !== undefined && clientId !== undefined && managedIdentityClientId !== undefined) {
    return federatedCredential({ tenantId, clientId, managedIdentityClientId }, httpClient);
  }
  return new DefaultAzureCredential({
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
    httpClient,
  });
}

/**
 * The registration of the app trusts the managed identity; in the other tenant, the app is an enterprise application.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
function federatedCredential(
  {
    tenantId,
    clientId,
    managedIdentityClientId,
  }: Readonly<Record<'tenantId' | 'clientId' | 'managedIdentityClientId', string>>,
  httpClient: HttpClient,
): TokenCredential {
  const identity = new ManagedIdentityCredential({ clientId: managedIdentityClientId, httpClient });
  const assertion = async () => (await identity.getToken(TOKEN_EXCHANGE)).token;
  return new ClientAssertionCredential(tenantId, clientId, assertion, signInOptions(httpClient));
}

function signInOptions(httpClient: HttpClient) {
  return {
    httpClient,
    // Authority discovery would call a host outside the tenant before every first token.
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 500 },
  };
}
