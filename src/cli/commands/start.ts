import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_DATA_DIRECTORY, DEFAULT_FIXTURE } from '../defaults.js';
import type { StartOptions } from '../start-options.js';
import { openTerminal } from '../terminal.js';

export function startCommand(): Command {
  return new Command('start')
    .description('run the responder on this machine, against a simulated tenant unless --real-tenant is set')
    .option('--port <number>', 'HTTP port on 127.0.0.1; 0 selects a free port', port, 7071)
    .option(
      '--service-bus-port <number>',
      'port of the Service Bus broker; 0 selects a free port',
      port,
      5672,
    )
    .option('--data-directory <path>', 'folder for all data', DEFAULT_DATA_DIRECTORY)
    .addOption(
      new Option('--fixture <name>', 'the incident to deliver, from fixtures/').default(DEFAULT_FIXTURE),
    )
    .option('--no-demo', 'deliver no incident')
    .option('--auto-approve', 'approve the delivered incident automatically, and exit when it is handled')
    .option('--real-tenant', 'act on the tenant of the Azure settings: real users and devices')
    .option('--teams', 'show requests in a Teams client on this machine (Microsoft 365 Agents Playground)')
    .option('--teams-port <number>', 'port of the Teams client; 0 selects a free port', port, 56150)
    .option('--show-keys', 'print the keys of the triggers; they are secrets')
    .option('--json', 'print events as JSON Lines, and first the addresses and keys of the triggers')
    .addHelpText(
      'after',
      '\nExamples:\n  responder start\n  responder start --auto-approve --data-directory /tmp/try\n  responder start --no-demo --json',
    )
    .action(async (options: StartOptions) => {
      const terminal = openTerminal({ json: options.json === true });
      if (!terminal.json)
        terminal.line(`${terminal.paint('bold', 'sentinel-responder')} starting, pid ${process.pid}`);
      // The host and its database take a moment to load; the line above is visible meanwhile.
      const { runResponder } = await import('../run.js');
      process.exitCode = await runResponder(options, terminal);
    });
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}
