/** Writes the files of something new, and prints them with what to do next. */
import { packageDirectory } from '../package-directory.js';
import { openTerminal } from '../terminal.js';
import { type NewActionOptions, newAction } from './action.js';
import { newFixture } from './fixture.js';
import { newPlaybook } from './playbook.js';
import { type Scaffold, writeScaffold } from './scaffold.js';

export interface CreateOptions {
  readonly directory?: string;
  readonly json?: boolean;
}

export function createAction(name: string, options: CreateOptions & NewActionOptions): void {
  create(options, newAction(name, options));
}

export function createPlaybook(id: string, options: CreateOptions): void {
  create(options, newPlaybook(id));
}

export function createFixture(name: string, options: CreateOptions & { readonly from: string }): void {
  create(options, newFixture(name, options.from, options.directory ?? packageDirectory));
}

function create({ directory = packageDirectory, json }: CreateOptions, scaffold: Scaffold): void {
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
