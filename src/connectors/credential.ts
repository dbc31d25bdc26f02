/** The credential of the responder. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { ClientSecretCredential, DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { ResponderError } from '../domain/errors.js';
import type { ConnectorConfig } from './config.js';

/** Made up: a replay accepts any credential. */
const REPLAY = {
  tenantId: '00000000-0000-4000-8000-0000000000ac',
  clientId: 'replay',
  clientSecret: 'replay',
};

/**
 * A client secret where one is configured (always for a simulated tenant), else the managed identity or developer
 * sign-in that DefaultAzureCredential finds.
 * @throws ResponderError `configuration` for a simulated tenant without tenant, client and secret.
 */
export function createCredential(config: ConnectorConfig, httpClient: HttpClient): TokenCredential {
  const { tenantId, clientId, clientSecret } = {
    ...(config.recordedExchanges === undefined ? {} : REPLAY),
    ...config,
  };
  if (tenantId !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return new ClientSecretCredential(tenantId, clientId, clientSecret, {
      httpClient,
      // Authority discovery would call a host outside the tenant before every first token.
      disableInstanceDiscovery: true,
      retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 500 },
    });
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
  return new DefaultAzureCredential({
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
    httpClient,
  });
}
