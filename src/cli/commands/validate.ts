import { Command } from 'commander';
import { count } from '../../views/index.js';
import { exitCodes } from '../exit-codes.js';
import { checkPlaybooks, defaultPlaybooks } from '../playbooks.js';
import { openTerminal } from '../terminal.js';
import { validateApprovers } from '../validate-approvers.js';

interface ValidateOptions {
  readonly policy?: string;
  readonly json?: boolean;
  readonly live?: boolean;
  readonly realTenant?: boolean;
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('check playbooks and the approval policy: form, names, types of the conditions')
    .argument('[files...]', 'playbook files, or folders of them (default: playbooks/)')
    .option('--policy <file>', 'the approval policy whose tiers they name (default: policy/approvals.yaml)')
    .option('--live', 'also query the directory: do the approver groups exist, and are they large enough?')
    .option(
      '--real-tenant',
      'as the app would on a real tenant: a playbook has no tiers of its own; with --live: query its directory',
    )
    .option('--json', 'one JSON object for each problem')
    .addHelpText(
      'after',
      `
Exit codes: 0 valid; 2 problems, or no playbook found.

Examples:
  responder validate
  responder validate playbooks/ransomware-on-device.yaml --json
  responder validate --live --real-tenant`,
    )
    .action(async (files: string[], options: ValidateOptions) => {
      const terminal = openTerminal({ json: options.json === true });
      const checked = checkPlaybooks(files.length > 0 ? files : [defaultPlaybooks], {
        policy: options.policy,
        ownTiers: options.realTenant ? 'refused' : 'accepted',
      });
      // A policy with problems has no tiers to query the directory about.
      const live =
        options.live && checked.problems.length === 0
          ? await validateApprovers(checked, options.realTenant ? 'real' : 'simulated')
          : [];
      const problems = [...checked.problems, ...live];
      for (const { place, code, message, next } of problems) {
        if (terminal.json) terminal.data({ kind: 'problem', place, code, message, next });
        else terminal.line(`${place}: ${message}${next === undefined ? '' : ` (${next})`} [${code}]`);
      }
      const own = checked.playbooks.filter(({ ownTiers }) => ownTiers !== undefined);
      const read = count(checked.files, 'playbook');
      if (terminal.json) {
        terminal.data({ kind: 'summary', files: checked.files, problems: problems.length });
      } else {
        for (const { file } of own) {
          terminal.line(`${file} has its own tiers: only the simulated tenant accepts it [own-tiers]`);
        }
        terminal.line(
          problems.length === 0
            ? `${read} and ${checked.policy.file} are valid`
            : `${count(problems.length, 'problem')} in ${read} and ${checked.policy.file}`,
        );
      }
      process.exitCode = problems.length === 0 ? exitCodes.ok : exitCodes.invalid;
    });
}
