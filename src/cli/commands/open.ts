import { Command } from 'commander';
import { DEFAULT_DATA_DIRECTORY } from '../defaults.js';
import type { OpenOptions } from '../open.js';

export function openCommand(): Command {
  return new Command('open')
    .description('sign in to the page of the responder on this machine, and open it in the browser')
    .option('--data-directory <path>', 'the data directory of the responder', DEFAULT_DATA_DIRECTORY)
    .option('--no-browser', 'print the link only')
    .option('--json', 'print the link as JSON, and open nothing')
    .action(async (options: OpenOptions) => (await import('../open.js')).open(options));
}
