/** Checks the setting TENANTS, with the playbooks and the policy of each tenant, as the app does at its start. */
import { type AppConfig, readConfig } from '../app/config.js';
import { connectorConfigOf } from '../app/connector-config.js';
import { readPlaybooks } from '../app/read-playbooks.js';
import type { ConnectorConfig } from '../connectors/index.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { toErrorInfo } from '../domain/errors.js';
import { appSettings } from './azure-configuration.js';
import { packageDirectory } from './package-directory.js';
import { catalogue } from './playbooks.js';

export interface TenantsCheck {
  readonly isSet: boolean;
  /** Those whose settings, playbooks and policy are valid; empty if TENANTS is not set, or not valid. */
  readonly tenants: readonly CheckedTenant[];
  readonly problems: readonly TenantProblem[];
}
export interface CheckedTenant {
  readonly name: string;
  /** `TENANTS.1` */
  readonly place: string;
  readonly connector: ConnectorConfig;
  readonly tiers: readonly ApprovalTier[];
}
interface TenantProblem {
  /** `TENANTS.1.workspaces` */
  readonly place: string;
  readonly code: string;
  readonly message: string;
  readonly next?: string;
}

/** Nothing to check if the setting is absent: a single tenant needs none. No secret is part of a problem. */
export function checkTenants(): TenantsCheck {
  const settings = appSettings(process.env, packageDirectory);
  if (!settings.TENANTS?.trim()) return { isSet: false, tenants: [], problems: [] };
  const problems: TenantProblem[] = [];
  const attempt = <T>(work: () => readonly T[]): readonly T[] => {
    try {
      return work();
    } catch (thrown) {
      problems.push(described(thrown));
      return [];
    }
  };
  const tenants = attempt(() => {
    const config = readConfig(settings);
    return config.tenants.flatMap((tenant) => attempt(() => [checkedTenant(tenant, config)]));
  });
  return { isSet: true, tenants, problems };
}

function checkedTenant(tenant: AppConfig['tenants'][number], config: AppConfig): CheckedTenant {
  const playbooks = readPlaybooks(tenant, config, catalogue());
  const tiers = new Map(playbooks.flatMap((playbook) => playbook.tiers).map((tier) => [tier.name, tier]));
  const place = `TENANTS.${tenant.position}`;
  return {
    name: tenant.name,
    place,
    connector: connectorConfigOf(tenant, config),
    tiers: [...tiers.values()],
  };
}

function described(thrown: unknown): TenantProblem {
  const { code, message, place, next } = toErrorInfo(thrown);
  return { place: place || 'TENANTS', code, message, ...(next === undefined ? {} : { next }) };
}
