/** What `start` writes to the terminal, in words or as JSON Lines. */
import { azureSettings } from './azure-configuration.js';
import type { DataDirectory } from './data-directory.js';
import { DEFAULT_DATA_DIRECTORY } from './defaults.js';
import { packageDirectory } from './package-directory.js';
import type { Display } from './progress/display.js';
import type { TextOptions } from './progress/text.js';
import type { Responder } from './responder.js';
import { isInteractive } from './start-keys.js';
import type { StartOptions } from './start-options.js';
import { startScreen } from './start-screen.js';
import type { TeamsClient } from './teams-client.js';
import type { Terminal } from './terminal.js';

export function printStart(
  terminal: Terminal,
  { host, simulator, signInLink }: Responder,
  directory: DataDirectory,
  options: StartOptions,
): void {
  if (terminal.json) {
    terminal.data({
      kind: 'started',
      pid: process.pid,
      url: host.url,
      simulated: simulator !== undefined,
      signInLink: signInLink(),
      serviceBus: host.serviceBusConnectionString,
      eventGrid: host.eventGridTopics,
      dataDirectory: directory.path,
    });
    return;
  }
  const screen = {
    host,
    simulator: simulator?.url,
    ignored: simulator === undefined ? [] : azureSettings(process.env, packageDirectory),
    signInLink: options.autoApprove ? undefined : signInLink(),
    dataDirectory: directory.path,
    showKeys: options.showKeys === true,
    interactive: isInteractive(terminal),
  };
  for (const line of startScreen(screen, terminal.paint)) terminal.line(line);
}

/** How the progress is shown, with the commands that decide. */
export function textOptions(
  { signInLink }: Responder,
  options: StartOptions,
  terminal: Terminal,
): TextOptions {
  const { paint } = terminal;
  const interactive = isInteractive(terminal);
  const where =
    options.dataDirectory === DEFAULT_DATA_DIRECTORY ? '' : ` --data-directory ${options.dataDirectory}`;
  return {
    paint,
    waitingHelp: (instanceId) => [
      `in the browser  ${signInLink()}`,
      `                works once${interactive ? '; press o to open it' : ''}. A new link:`,
      `                npx responder open${where}`,
      `in a terminal   npx responder approvals approve ${instanceId}${where}`,
      `                npx responder approvals reject ${instanceId} --reason "…"${where}`,
    ],
  };
}

export function printTeamsAddress({ url }: TeamsClient, display: Display, terminal: Terminal): void {
  if (terminal.json) terminal.data({ kind: 'teams-client', url });
  display.line(`  Teams        ${terminal.paint('bold', url)}`);
  display.line('               Open it in a browser and choose the channel “incidents” on the left.');
}
