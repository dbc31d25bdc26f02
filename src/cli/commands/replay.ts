import { Command } from 'commander';
import type { ReplayOptions } from '../replay/replay-fixtures.js';

export function replayCommand(): Command {
  return new Command('replay')
    .description('replay recorded incidents in virtual time, offline, and compare with the expected results')
    .argument('[fixtures...]', 'names in fixtures/, or paths of folders (default: all of fixtures/)')
    .option('--record', 'run against the simulated tenant, and rewrite exchanges.har and expected.json')
    .option('--playbooks <path>', 'a folder of playbooks to replay with (default: playbooks/)')
    .option('--policy <file>', 'the approval policy to replay with (default: policy/approvals.yaml)')
    .option('--json', 'one JSON object for each incident')
    .addHelpText(
      'after',
      `
Exit codes: 0 as expected; 2 invalid input; 10 an incident ended differently.

Examples:
  responder replay
  responder replay ransomware-on-workstation --json
  responder replay --playbooks my-playbooks
  responder replay --record`,
    )
    .action(async (names: string[], options: ReplayOptions) =>
      (await import('../replay/replay-fixtures.js')).replayFixtures(names, options),
    );
}
