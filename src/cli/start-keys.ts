/** Single keys while a responder runs in a terminal. */
import { openBrowser } from './browser.js';
import { isInForeground, listenForKeys, sendSignal } from './keys.js';
import type { Display } from './progress/display.js';
import type { Responder } from './responder.js';
import { keyLines } from './start-screen.js';
import type { Terminal } from './terminal.js';
import { guardTerminal } from './terminal-guard.js';

/** Whether a user sits at the terminal: single keys are commands there. */
export function isInteractive({ live }: Terminal): boolean {
  return live && process.stdin.isTTY === true && isInForeground();
}

/** `o` opens the page with a new sign-in link; `k` shows the triggers' keys. */
export function listenForCommands({ host, signInLink }: Responder, display: Display): () => void {
  return listenForKeys({
    input: process.stdin,
    keys: {
      o: () => {
        const link = signInLink();
        display.line('opening the page in the browser');
        openBrowser(link, () => {
          display.line('The browser could not be opened. Open this link, which works once:');
          display.line(`  ${link}`);
        });
      },
      k: () => {
        for (const line of keyLines(host)) display.line(line);
      },
    },
    signal: sendSignal,
    inForeground: isInForeground,
    guard: guardTerminal,
  });
}
