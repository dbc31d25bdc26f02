import type { Command } from 'commander';
import { DEFAULT_DATA_DIRECTORY } from '../defaults.js';

/** The options of every command that calls a running responder. */
export function withConnection(command: Command): Command {
  return command
    .option(
      '--data-directory <path>',
      "the data directory of this machine's responder",
      DEFAULT_DATA_DIRECTORY,
    )
    .option(
      '--as <analyst>',
      'name, part of the name, or object id of an analyst of the simulated tenant (default: the first)',
    )
    .option('--url <address>', 'address of a remote responder; needs your access token in RESPONDER_TOKEN')
    .option('--json', 'JSON instead of text');
}
