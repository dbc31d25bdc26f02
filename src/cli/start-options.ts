/** The options of `responder start`, and the combinations that are refused. */
import { azureSettings } from './azure-configuration.js';
import { packageDirectory } from './package-directory.js';
import { CliError } from './problem.js';

export interface StartOptions {
  readonly port: number;
  readonly serviceBusPort: number;
  readonly dataDirectory: string;
  readonly demo: boolean;
  readonly fixture: string;
  readonly autoApprove?: boolean;
  readonly realTenant?: boolean;
  readonly teams?: boolean;
  readonly teamsPort: number;
  readonly showKeys?: boolean;
  readonly json?: boolean;
}

/** @throws CliError `usage` for options that exclude each other, `real-tenant` or `no-tenant`. */
export function checkStartOptions(options: StartOptions): void {
  if (options.autoApprove && !options.demo) {
    throw new CliError('usage', '--auto-approve needs the demo incident, which --no-demo turns off.');
  }
  refuseRealTenant(options);
}

/** A real tenant requires the option and the settings: settings in the environment alone are not enough. */
function refuseRealTenant(options: StartOptions): void {
  if (options.realTenant !== true) return;
  const simulatedOnly = options.teams ? '--teams' : options.autoApprove ? '--auto-approve' : undefined;
  if (simulatedOnly !== undefined) {
    throw new CliError(
      'real-tenant',
      `${simulatedOnly} is for the simulated tenant only.`,
      `Remove --real-tenant or ${simulatedOnly}.`,
    );
  }
  const settings = azureSettings(process.env, packageDirectory);
  if (!settings.includes('AZURE_TENANT_ID') && !settings.includes('TENANTS')) {
    throw new CliError(
      'no-tenant',
      'No setting names a tenant.',
      'Set AZURE_TENANT_ID or TENANTS in the environment or in local.settings.json, or remove --real-tenant.',
    );
  }
}
