import { Command } from 'commander';
import type { ValidateOptions } from '../validate.js';

export function validateCommand(): Command {
  return new Command('validate')
    .description(
      'check playbooks, the approval policy, fixtures and the setting TENANTS: form, names, types of the conditions',
    )
    .argument(
      '[files...]',
      'playbook files, folders of them, or folders of fixtures (default: playbooks/ and fixtures/)',
    )
    .option('--policy <file>', 'the approval policy whose tiers they name (default: policy/approvals.yaml)')
    .option('--live', 'also query the directory: do the approver groups exist, and are they large enough?')
    .option(
      '--real-tenant',
      'as the app would on a real tenant: a playbook has no tiers of its own; with --live: query its directory, or that of each tenant in TENANTS',
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
    .action(async (files: string[], options: ValidateOptions) =>
      (await import('../validate.js')).validate(files, options),
    );
}
