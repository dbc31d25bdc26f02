import { Command } from 'commander';
import { DEFAULT_FIXTURE } from '../defaults.js';
import type { NewActionOptions } from '../new/action.js';
import type { CreateOptions } from '../new/create.js';

export function newCommand(): Command {
  return new Command('new')
    .description('create the files of a new action, playbook or fixture')
    .addCommand(
      common('action', 'an enrichment or a response: its source and its contract test')
        .argument(
          '<name>',
          'service.what, e.g. defender.collect-package; the service is a folder of src/actions',
        )
        .option(
          '--kind <kind>',
          'enrichment, response, or machine-action (a response of Defender)',
          'enrichment',
        )
        .option('--entity <entity>', 'host, account or ip (default: that of most actions of the service)')
        .action(async (name: string, options: CreateOptions & NewActionOptions) =>
          (await import('../new/create.js')).createAction(name, options),
        ),
    )
    .addCommand(
      common('playbook', 'a playbook that can be loaded, with one rule')
        .argument('<id>', 'e.g. password-spray')
        .action(async (id: string, options: CreateOptions) =>
          (await import('../new/create.js')).createPlaybook(id, options),
        ),
    )
    .addCommand(
      common('fixture', 'a fixture that starts as a copy of an existing one')
        .argument('<name>', 'e.g. password-spray')
        .option('--from <fixture>', 'the fixture to copy', DEFAULT_FIXTURE)
        .action(async (name: string, options: CreateOptions & { readonly from: string }) =>
          (await import('../new/create.js')).createFixture(name, options),
        ),
    );
}

function common(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(
      '--directory <path>',
      'the repository to write to (default: the one that this program is part of)',
    )
    .option('--json', 'one JSON object for each file and each next step')
    .addHelpText(
      'after',
      '\nNothing is overwritten. Exit codes: 0 created, 2 invalid name or the files exist.',
    );
}
