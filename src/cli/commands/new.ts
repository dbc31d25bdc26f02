import { Command } from 'commander';
import { type NewActionOptions, newAction } from '../new/action.js';
import { newFixture } from '../new/fixture.js';
import { newPlaybook } from '../new/playbook.js';
import { type Scaffold, writeScaffold } from '../new/scaffold.js';
import { packageDirectory } from '../package-directory.js';
import { openTerminal } from '../terminal.js';

interface CommonOptions {
  readonly directory?: string;
  readonly json?: boolean;
}

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
        .action((name: string, options: CommonOptions & NewActionOptions) =>
          create(options, newAction(name, options)),
        ),
    )
    .addCommand(
      common('playbook', 'a playbook that can be loaded, with one rule')
        .argument('<id>', 'e.g. password-spray')
        .action((id: string, options: CommonOptions) => create(options, newPlaybook(id))),
    )
    .addCommand(
      common('fixture', 'a fixture that starts as a copy of an existing one')
        .argument('<name>', 'e.g. password-spray')
        .option('--from <fixture>', 'the fixture to copy', 'ransomware-on-workstation')
        .action((name: string, options: CommonOptions & { readonly from: string }) =>
          create(options, newFixture(name, options.from, options.directory ?? packageDirectory)),
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

function create({ directory = packageDirectory, json }: CommonOptions, scaffold: Scaffold): void {
  const terminal = openTerminal({ json: json === true });
  writeScaffold(directory, scaffold);
  if (terminal.json) {
    for (const { path } of scaffold.files) terminal.data({ kind: 'created', path });
    for (const { what, command } of scaffold.next) terminal.data({ kind: 'next', what, command });
    return;
  }
  for (const { path } of scaffold.files) terminal.line(`created ${path}`);
  terminal.line('\nNext:');
  scaffold.next.forEach(({ what, command }, i) => {
    terminal.line(`  ${i + 1}. ${what}${command === undefined ? '' : `\n     ${command}`}`);
  });
}
