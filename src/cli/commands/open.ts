import { Command } from 'commander';
import { openBrowser } from '../browser.js';
import { readRunning } from '../data-directory.js';
import { DEFAULT_DATA_DIRECTORY } from '../defaults.js';
import { signInLink } from '../sign-in.js';
import { openTerminal } from '../terminal.js';

interface OpenOptions {
  readonly dataDirectory: string;
  readonly browser: boolean;
  readonly json?: boolean;
}

export function openCommand(): Command {
  return new Command('open')
    .description('sign in to the page of the responder on this machine, and open it in the browser')
    .option('--data-directory <path>', 'the data directory of the responder', DEFAULT_DATA_DIRECTORY)
    .option('--no-browser', 'print the link only')
    .option('--json', 'print the link as JSON, and open nothing')
    .action(open);
}

/** @throws CliError `not-running`. */
function open({ dataDirectory, browser, json }: OpenOptions): void {
  const terminal = openTerminal({ json: json === true });
  const { running, secret } = readRunning(dataDirectory);
  const link = signInLink(running.url, secret, Date.now());
  if (terminal.json) {
    terminal.data({ kind: 'sign-in-link', url: link });
  } else {
    terminal.line(link);
    if (browser && process.stdout.isTTY)
      openBrowser(link, () => terminal.line('The browser could not be opened: open the link above.'));
  }
}
