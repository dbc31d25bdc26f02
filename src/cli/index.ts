#!/usr/bin/env node
/** The command line: `responder <command>`. Each command has a file in commands/. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { exitCodes } from './exit-codes.js';
import { packageDirectory } from './package-directory.js';
import { openTerminal } from './terminal.js';

const program = new Command('responder')
  .description('Event-driven incident responder for Microsoft Sentinel')
  .version(
    (JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string }).version,
  )
  .addHelpText(
    'after',
    `\nExit codes: ${Object.entries(exitCodes)
      .map(([name, code]) => `${code} ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
      .join(', ')}`,
  );

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.js')).startCommand(),
  open: async () => (await import('./commands/open.js')).openCommand(),
  approvals: async () => (await import('./commands/approvals.js')).approvalsCommand(),
  replay: async () => (await import('./commands/replay.js')).replayCommand(),
  histories: async () => (await import('./commands/histories.js')).historiesCommand(),
  validate: async () => (await import('./commands/validate.js')).validateCommand(),
  new: async () => (await import('./commands/new.js')).newCommand(),
};
// Loading all of them takes longer than most of them run: only the help and a mistyped name need all.
const named = Object.keys(commands).filter((name) => name === process.argv[2]);
for (const name of named.length > 0 ? named : Object.keys(commands)) {
  const command = await commands[name]?.();
  if (command !== undefined) program.addCommand(command);
}

refuseByThrowing(program);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed the usage error, the help or the version.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.invalid;
  } else {
    const { toProblem } = await import('./problem.js');
    const problem = toProblem(error);
    openTerminal({ json: process.argv.includes('--json') }).problem(problem);
    process.exitCode = problem.exitCode;
  }
}

/** Makes usage errors throw; subcommands do not inherit the setting. */
function refuseByThrowing(command: Command): void {
  command.exitOverride().showHelpAfterError('(see --help)');
  for (const child of command.commands) refuseByThrowing(child);
}
