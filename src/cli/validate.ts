/** Checks playbooks, the approval policy, fixtures and the setting TENANTS, and prints their problems. */
import { count } from '../views/index.js';
import { exitCodes } from './exit-codes.js';
import { fixtureDirectory, fixtureNames } from './fixture.js';
import { checkPlaybooks, defaultPlaybooks } from './playbooks.js';
import { openTerminal } from './terminal.js';
import { checkFixtures, isFixture } from './validate-fixtures.js';
import { checkTenants } from './validate-tenants.js';

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
  // A policy with problems has no tiers to query the directory about.
  const live =
    options.live && checked.problems.length === 0
      ? await (await import('./validate-approvers.js')).validateApprovers(
          checked,
          options.realTenant ? 'real' : 'simulated',
        )
      : [];
  const { tenants, problems: inTenants } = checkTenants();
  const problems = [...checked.problems, ...live, ...checkFixtures(fixtures), ...inTenants];
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
        ? `${read} and ${checked.policy.file} are valid${tenants === 0 ? '' : `, and so is TENANTS with ${count(tenants, 'tenant')}`}`
        : `${count(problems.length, 'problem')} in ${read} and ${checked.policy.file}`,
    );
  }
  process.exitCode = problems.length === 0 ? exitCodes.ok : exitCodes.invalid;
}
