/** Runs a responder from start to stop: banner, progress, demo incident and Teams client. */
import { join } from 'node:path';
import { type Host, type HostError, wallClock } from 'functions-emulator';
import { ResponderApi } from './approvals-api.js';
import {
  openDataDirectory,
  removeRunning,
  signInSecretOf,
  signingKeyOf,
  writeRunning,
} from './data-directory.js';
import { Demo } from './demo.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { findFixture } from './fixture.js';
import { assertValidPlaybooks, defaultPlaybooks } from './playbooks.js';
import { CliError } from './problem.js';
import { type Display, openDisplay } from './progress/display.js';
import type { Note, ProgressEvent } from './progress/progress-events.js';
import { ProgressTracker } from './progress/progress-tracker.js';
import { startResponder, type TenantSource } from './responder.js';
import { signInToken, signInTokenOf } from './sign-in.js';
import { isInteractive, listenForCommands } from './start-keys.js';
import { checkStartOptions, type StartOptions } from './start-options.js';
import { printStart, printTeamsAddress, textOptions } from './start-output.js';
import { startTeamsClient, type TeamsClient } from './teams-client.js';
import type { Terminal } from './terminal.js';
import { showWaitingCases } from './waiting-cases.js';

/** Ends on Ctrl+C, or with --auto-approve when the incident is handled. */
export async function runResponder(options: StartOptions, terminal: Terminal): Promise<ExitCode> {
  checkStartOptions(options);
  const simulated = options.realTenant !== true;
  const fixture = options.demo && simulated ? findFixture(options.fixture) : undefined;
  assertValidPlaybooks(defaultPlaybooks);
  const directory = openDataDirectory(options.dataDirectory);
  const clock = wallClock();
  const secret = signInSecretOf(directory);
  const tenantFixture = simulated ? findFixture(options.fixture) : undefined;
  const analysts = tenantFixture?.about.analysts ?? [];
  const source: TenantSource =
    tenantFixture === undefined
      ? { kind: 'azure' }
      : { kind: 'simulated', tenant: tenantFixture.tenant, stateDirectory: directory.tenant };

  let fail = (_error: Error): void => undefined;
  /** Rejects if the host stops working. */
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Only the races below observe it.
  failed.catch(() => undefined);
  let display: Display | undefined;
  let onProgress = (_fact: ProgressEvent | Note): void => undefined;
  const tracker = new ProgressTracker();
  const early: (ProgressEvent | Note)[] = [];
  const responder = await startResponder({
    source,
    clock,
    signInSecret: secret,
    signingKey: signingKeyOf(directory),
    analysts,
    ...(simulated ? { teamsChannels: TEAMS_CHANNELS } : {}),
    workspaces: tenantFixture?.workspace === undefined ? [] : [tenantFixture.workspace],
    port: options.port,
    serviceBusPort: options.serviceBusPort,
    dataDirectory: directory.host,
    exportDirectory: join(directory.path, 'exports'),
    // Azure, and the tests, wait some minutes after a restart; a local user should not.
    redelivery: 'at-once',
    onEvent: (event) => {
      if (event.kind === 'host-failed') fail(hostFailed(event.error));
      for (const progress of tracker.read(event)) {
        if (display === undefined) early.push(progress);
        else display.show(progress);
        onProgress(progress);
      }
    },
  });
  const { host } = responder;
  let teamsClient: TeamsClient | undefined;
  let stopKeys = (): void => undefined;
  try {
    const startedAt = new Date().toISOString();
    writeRunning(directory, { pid: process.pid, url: host.url, startedAt, analysts });
    const api = new ResponderApi(host.url, signInToken(secret));
    display = openDisplay(terminal, textOptions(responder, options, terminal), () => clock.now());
    const stopped = untilStopped(terminal);
    printStart(terminal, responder, directory, options);
    if (isInteractive(terminal)) stopKeys = listenForCommands(responder, display);
    for (const progress of early) display.show(progress);
    await refuseEmptyHost(host);
    if (simulated) await showWaitingCases(api, display, tracker, clock.now());

    if (options.teams && responder.simulator !== undefined) {
      display.line('starting the Teams client');
      teamsClient = await startTeamsClient({
        simulator: responder.simulator,
        url: host.url,
        directory: join(directory.path, 'teams-client'),
        port: options.teamsPort,
        people: analysts.map(({ id }) => id),
      });
      printTeamsAddress(teamsClient, display, terminal);
    }
    if (fixture === undefined) return await Promise.race([stopped, failed]);
    const demo = new Demo({
      fixture,
      api,
      host,
      simulator: responder.simulator,
      display,
      terminal,
      approvers: analysts.map(({ id }) => new ResponderApi(host.url, signInTokenOf(secret, id))),
      autoApprove: options.autoApprove === true,
    });
    onProgress = (progress) => demo.handle(progress);
    await Promise.race([demo.begin(), failed]);
    return await Promise.race([stopped, demo.handled, failed]);
  } finally {
    stopKeys();
    display?.close();
    await teamsClient?.stop();
    await responder.stop();
    removeRunning(directory);
    if (!terminal.json) terminal.line('stopped');
  }
}

/** The playbook's channel in the tenants of the fixtures. */
const TEAMS_CHANNELS = { 'soc-incidents': '19:0000000000000000000000000000c001@thread.tacv2' };

/** After the start, a host error is not a mistake of the user: exit code `unexpected`. */
function hostFailed({ code, message }: HostError): CliError {
  const next = 'Start again afterwards: accepted incidents are not lost.';
  return new CliError(code, message, next, exitCodes.unexpected);
}

/** @throws CliError `app-failed` when the app registered nothing. */
async function refuseEmptyHost(host: Host): Promise<void> {
  const response = await fetch(`${host.url}/admin/functions`, {
    headers: { 'x-functions-key': host.keys.master },
  });
  const functions: unknown = await response.json();
  if (Array.isArray(functions) && functions.length > 0) return;
  throw new CliError(
    'app-failed',
    'The app did not load: it registered no functions.',
    'See the messages above.',
    exitCodes.unexpected,
  );
}

/** Resolves at the first Ctrl+C, or when no one reads the output any more; a second Ctrl+C does not wait. */
function untilStopped(terminal: Terminal): Promise<ExitCode> {
  return new Promise((resolve) => {
    const stop = (): void => {
      if (!terminal.json) terminal.line('\nstopping');
      process.once('SIGINT', () => process.exit(130));
      resolve(exitCodes.ok);
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    void terminal.closed.then(stop);
  });
}
