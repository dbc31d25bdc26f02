#!/usr/bin/env node
/**
 * The command line: `responder <command>`. Each command has a file in commands/ with its options and its help; it loads
 * what it runs, so that the help and the other commands do not wait for that.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { actionsCommand } from './commands/actions.js';
import { approvalsCommand } from './commands/approvals.js';
import { historiesCommand } from './commands/histories.js';
import { incidentsCommand } from './commands/incidents.js';
import { newCommand } from './commands/new.js';
import { normaliseCommand } from './commands/normalise.js';
import { openCommand } from './commands/open.js';
import { rejectedCommand } from './commands/rejected.js';
import { replayCommand } from './commands/replay.js';
import { startCommand } from './commands/start.js';
import { validateCommand } from './commands/validate.js';
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
  )
  // In the order of the help.
  .addCommand(startCommand())
  .addCommand(openCommand())
  .addCommand(approvalsCommand())
  .addCommand(incidentsCommand())
  .addCommand(rejectedCommand())
  .addCommand(replayCommand())
  .addCommand(historiesCommand())
  .addCommand(actionsCommand())
  .addCommand(validateCommand())
  .addCommand(normaliseCommand())
  .addCommand(newCommand());

refuseByThrowing(program);
// Before Commander prints, so that a closed pipe ends the help without an error, too.
const terminal = openTerminal({ json: process.argv.includes('--json') });
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed the usage error, the help or the version.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.invalid;
  } else {
    const { toProblem } = await import('./problem.js');
    const problem = toProblem(error);
    terminal.problem(problem);
    process.exitCode = problem.exitCode;
  }
}

/** Makes usage errors throw; subcommands do not inherit the setting. */
function refuseByThrowing(command: Command): void {
  command.exitOverride().showHelpAfterError('(see --help)');
  for (const child of command.commands) refuseByThrowing(child);
}
