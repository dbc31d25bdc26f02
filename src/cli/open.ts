/** Prints a link that signs in to the page of the running responder, and opens it. */
import { openBrowser } from './browser.js';
import { readRunning } from './data-directory.js';
import { signInLink } from './sign-in.js';
import { openTerminal } from './terminal.js';

export interface OpenOptions {
  readonly dataDirectory: string;
  readonly browser: boolean;
  readonly json?: boolean;
}

/** @throws CliError `not-running`. */
export function open({ dataDirectory, browser, json }: OpenOptions): void {
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
