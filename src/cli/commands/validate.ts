import { Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { checkPlaybooks, defaultPlaybooks } from '../playbooks.js';
import { openTerminal } from '../terminal.js';

export function validateCommand(): Command {
  return new Command('validate')
    .description('check playbooks: form, names, types of the conditions')
    .argument('[files...]', 'playbook files, or folders of them (default: playbooks/)')
    .option('--json', 'one JSON object for each problem')
    .addHelpText(
      'after',
      '\nExamples:\n  responder validate\n  responder validate playbooks/ransomware-on-device.yaml --json',
    )
    .action((files: string[], options: { json?: boolean }) => {
      const terminal = openTerminal({ json: options.json === true });
      const {
        playbooks,
        problems,
        files: count,
      } = checkPlaybooks(files.length > 0 ? files : [defaultPlaybooks]);
      for (const { place, code, message, next } of problems) {
        if (terminal.json) terminal.data({ kind: 'problem', place, code, message, next });
        else terminal.line(`${place}: ${message}${next === undefined ? '' : ` (${next})`} [${code}]`);
      }
      if (terminal.json) terminal.data({ kind: 'summary', files: count, problems: problems.length });
      else if (problems.length === 0) terminal.line(`${playbooks.length} of ${count} playbooks are right`);
      else terminal.line(`${problems.length} problems in ${count} playbooks`);
      process.exitCode = problems.length === 0 ? exitCodes.ok : exitCodes.invalid;
    });
}
