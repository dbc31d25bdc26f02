import { Command } from 'commander';
import type { NormaliseOptions } from '../normalise/normalise.js';

export function normaliseCommand(): Command {
  return new Command('normalise')
    .description('print the incidents in files, in whatever form they were delivered or exported')
    .argument('<files...>', 'bodies of messages, events, requests or exports; - reads standard input')
    .option('--json', 'one JSON object for each incident, and for anything else')
    .addHelpText(
      'after',
      `
Anything but an incident or an alert is named: an entity, a machine action, the error of a service, …

Exit codes: 0 everything was read; 2 a file is missing, or something in it is not JSON in any known form.

Examples:
  responder normalise incident.json
  responder normalise export.json --json
  curl -s https://example.com/incident | responder normalise -`,
    )
    .action(async (files: string[], options: NormaliseOptions) =>
      (await import('../normalise/normalise.js')).normalise(files, options),
    );
}
