/** Checks playbooks, the approval policy, fixtures and the setting TENANTS, and prints their problems. */
import { count } from '../views/index.js';
import { exitCodes } from './exit-codes.js';
import { fixtureDirectory, fixtureNames } from './fixture.js';
import { checkPlaybooks, defaultPlaybooks, type PlaybookCheck } from './playbooks.js';
import { openTerminal } from './terminal.js';
import { checkFixtures, isFixture } from './validate-fixtures.js';
import { checkTenants, type TenantsCheck } from './validate-tenants.js';

export interface ValidateOptions {
  readonly policy?: string;
  readonly json?: boolean;
  readonly live?: boolean;
  readonly realTenant?: boolean;
}

export async function validate(files: readonly string[], options: ValidateOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const fixtures = files.length > 0 ? files.filter(isFixture) : fixtureNames().map(fixtureDirectory);
  const playbooks = files.filter((file) => !isFixture(file));
  const checked = checkPlaybooks(playbooks.length > 0 ? playbooks : [defaultPlaybooks], {
    policy: options.policy,
    ownTiers: options.realTenant ? 'refused' : 'accepted',
  });
  const several = checkTenants();
  // A policy with problems has no tiers to query the directory about.
  const live =
    options.live && checked.problems.length === 0 ? await checkLive(checked, several, options) : [];
  const problems = [...checked.problems, ...live, ...checkFixtures(fixtures), ...several.problems];
  for (const { place, code, message, next } of problems) {
    if (terminal.json) terminal.data({ kind: 'problem', place, code, message, next });
    else terminal.line(`${place}: ${message}${next === undefined ? '' : ` (${next})`} [${code}]`);
  }
  const own = checked.playbooks.filter(({ ownTiers }) => ownTiers !== undefined);
  const read = [
    count(checked.files, 'playbook'),
    ...(fixtures.length === 0 ? [] : [count(fixtures.length, 'fixture')]),
  ].join(', ');
  if (terminal.json) {
    terminal.data({ kind: 'summary', files: checked.files, problems: problems.length });
  } else {
    for (const { file } of own) {
      terminal.line(`${file} has its own tiers: only the simulated tenant accepts it [own-tiers]`);
    }
    terminal.line(
      problems.length === 0
        ? `${read} and ${checked.policy.file} are valid${several.isSet ? `, and so is TENANTS with ${count(several.tenants.length, 'tenant')}` : ''}`
        : `${count(problems.length, 'problem')} in ${read} and ${checked.policy.file}`,
    );
  }
  process.exitCode = problems.length === 0 ? exitCodes.ok : exitCodes.invalid;
}

/** With TENANTS, each tenant has a directory of its own. */
async function checkLive(checked: PlaybookCheck, several: TenantsCheck, { realTenant }: ValidateOptions) {
  const { validateApprovers, validateTenantApprovers } = await import('./validate-approvers.js');
  if (realTenant && several.isSet) return validateTenantApprovers(several.tenants);
  return validateApprovers(checked, realTenant ? 'real' : 'simulated');
}
