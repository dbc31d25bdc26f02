import { Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { checkPlaybooks, defaultPlaybooks } from '../playbooks.js';
import { openTerminal } from '../terminal.js';
import { validateApprovers } from '../validate-approvers.js';

interface ValidateOptions {
  readonly json?: boolean;
  readonly live?: boolean;
  readonly realTenant?: boolean;
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('check playbooks: form, names, types of the conditions')
    .argument('[files...]', 'playbook files, or folders of them (default: playbooks/)')
    .option('--live', 'also query the directory: do the approver groups exist, and are they large enough?')
    .option('--real-tenant', 'with --live: query the tenant of the Azure settings, not the simulated one')
    .option('--json', 'one JSON object for each problem')
    .addHelpText(
      'after',
      '\nExamples:\n  responder validate\n  responder validate playbooks/ransomware-on-device.yaml --json\n  responder validate --live --real-tenant',
    )
    .action(async (files: string[], options: ValidateOptions) => {
      const terminal = openTerminal({ json: options.json === true });
      const checked = checkPlaybooks(files.length > 0 ? files : [defaultPlaybooks]);
      const { playbooks, files: count } = checked;
      const live = options.live
        ? await validateApprovers(playbooks, options.realTenant ? 'real' : 'simulated')
        : [];
      const problems = [
        ...checked.problems,
        ...live.map(({ place, message }) => ({ place, message, code: 'approvers', next: undefined })),
      ];
      for (const { place, code, message, next } of problems) {
        if (terminal.json) terminal.data({ kind: 'problem', place, code, message, next });
        else terminal.line(`${place}: ${message}${next === undefined ? '' : ` (${next})`} [${code}]`);
      }
      if (terminal.json) terminal.data({ kind: 'summary', files: count, problems: problems.length });
      else if (problems.length === 0) terminal.line(`${playbooks.length} of ${count} playbooks are valid`);
      else terminal.line(`${problems.length} problems in ${count} playbooks`);
      process.exitCode = problems.length === 0 ? exitCodes.ok : exitCodes.invalid;
    });
}
