/** How the connectors reach a tenant, from its configuration. */
import type { ConnectorConfig } from '../connectors/index.js';
import type { AppConfig } from './config.js';
import type { TenantConfig } from './tenant-config.js';

export function connectorConfigOf(
  { id: tenantId, credential, simulatedTenantUrl }: TenantConfig,
  { recordedExchanges, recordExchangesTo }: Pick<AppConfig, 'recordedExchanges' | 'recordExchangesTo'>,
): ConnectorConfig {
  const given = {
    tenantId,
    clientId: credential.clientId,
    clientSecret: credential.kind === 'secret' ? credential.secret : undefined,
    managedIdentityClientId: credential.kind === 'federated' ? credential.managedIdentityClientId : undefined,
    simulatedTenantUrl,
    recordedExchanges,
    recordExchangesTo,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
