import { Command } from 'commander';
import type { RunOptions } from '../actions/run.js';
import { DEFAULT_FIXTURE } from '../defaults.js';

interface JsonOption {
  readonly json?: boolean;
}

export function actionsCommand(): Command {
  const actions = new Command('actions')
    .description('list, show and try out what the responder can do')
    .addHelpText(
      'after',
      `
Exit codes: 0 done; 2 invalid input; 3 the effect was not proved.

Examples:
  responder actions
  responder actions show defender.isolate-device
  responder actions run defender.isolate-device --target ws-fin-0142.corp.contoso.com --dry-run
  responder actions run entra.disable-user --target dana.ortiz@contoso.com --undo
  responder actions run sentinel.set-severity --with severity=Low --undo`,
    );
  actions
    .command('list', { isDefault: true })
    .description('list every action with risk, permissions and undo (default)')
    .option('--json', 'one JSON object for each action')
    .action(async (options: JsonOption) => (await import('../actions/show.js')).list(options));
  actions
    .command('show')
    .description('print what an action declares')
    .argument('<name>', 'e.g. defender.isolate-device')
    .option('--json', 'one JSON object')
    .action(async (name: string, options: JsonOption) =>
      (await import('../actions/show.js')).show(name, options),
    );
  actions
    .command('run')
    .description('run an action in the simulated tenant, and prove its effect')
    .argument('<name>', 'e.g. defender.isolate-device')
    .option(
      '--target <target>',
      'an identifier of the record, or NAME=VALUE of the input; repeatable',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option(
      '--with <setting>',
      'NAME=VALUE of what a rule would choose; repeatable',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--dry-run', 'print the requests that it would send, and send none')
    .option('--undo', 'undo it afterwards')
    .option('--fixture <name>', 'the fixture whose tenant it runs in', DEFAULT_FIXTURE)
    .option('--json', 'one JSON object for each result')
    .action(async (name: string, options: RunOptions) =>
      (await import('../actions/run.js')).runAction(name, options),
    );
  return actions;
}
