/** Checks the setting TENANTS, with the playbooks and the policy of each tenant, as the app does at its start. */
import { readConfig } from '../app/config.js';
import { readPlaybooks } from '../app/read-playbooks.js';
import { toErrorInfo } from '../domain/errors.js';
import { appSettings } from './azure-configuration.js';
import { packageDirectory } from './package-directory.js';
import { catalogue } from './playbooks.js';

export interface TenantsCheck {
  /** How many tenants TENANTS names; 0 if it is not set, or not valid. */
  readonly tenants: number;
  readonly problems: readonly TenantProblem[];
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
  if (!settings.TENANTS?.trim()) return { tenants: 0, problems: [] };
  try {
    const config = readConfig(settings);
    const problems = config.tenants.flatMap((tenant) =>
      problemOf(() => readPlaybooks(tenant, config, catalogue())),
    );
    return { tenants: config.tenants.length, problems };
  } catch (thrown) {
    return { tenants: 0, problems: [described(thrown)] };
  }
}

function problemOf(check: () => unknown): TenantProblem[] {
  try {
    check();
    return [];
  } catch (thrown) {
    return [described(thrown)];
  }
}

function described(thrown: unknown): TenantProblem {
  const { code, message, place, next } = toErrorInfo(thrown);
  return { place: place || 'TENANTS', code, message, ...(next === undefined ? {} : { next }) };
}
