/**
 * Runs Microsoft's Agents Playground as the Teams client of the simulated tenant. Its settings list the users of the
 * tenant. It sends activities to the bot through the simulated Bot Connector, which signs them: the bot checks every token.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Simulator } from 'tenant-simulator';
import { z } from 'zod';
import { CliError, messageOf } from './problem.js';
import { LOOPBACK, START_VARIABLE, STARTED_BY } from './teams-start.js';

const PACKAGE = '@microsoft/m365agentsplayground';
/** Loaded in the client's process before the client. */
const LOOPBACK_ONLY = new URL('./teams-loopback.js', import.meta.url).href;
const START_WITHIN_MS = 60_000;
/** The client requires exactly five people besides the current user. */
const PEOPLE = 6;

/** The part of a tenant that the client needs. */
const tenantSchema = z.object({
  tenant: z.object({ id: z.string() }),
  app: z.object({ clientId: z.string(), displayName: z.string() }),
  users: z.array(
    z.object({
      id: z.string(),
      userPrincipalName: z.string(),
      displayName: z.string(),
      givenName: z.string().default(''),
      surname: z.string().default(''),
    }),
  ),
  teams: z
    .array(
      z.object({
        id: z.string(),
        displayName: z.string(),
        channels: z.array(z.object({ id: z.string(), displayName: z.string() })),
      }),
    )
    .min(1),
});
/** For tenants with fewer people. */
const STRANGERS = Array.from({ length: PEOPLE }, (_, i) => ({
  id: `00000000-0000-4000-8000-00000000f00${i}`,
  userPrincipalName: `visitor${i}@contoso.com`,
  displayName: `Visitor ${i}`,
  givenName: 'Visitor',
  surname: String(i),
}));
export type TeamsTenant = z.infer<typeof tenantSchema>;

export interface TeamsClient {
  /** Address for the browser. */
  readonly url: string;
  stop(): Promise<void>;
}
export interface TeamsClientOptions {
  readonly simulator: Simulator;
  /** Address of the responder. */
  readonly url: string;
  /** Folder for its settings and its log. */
  readonly directory: string;
  /** 0 selects a free port; so does a port in use. */
  readonly port: number;
  /** Object ids of the users to include, the current user first. */
  readonly people: readonly string[];
}

/** @throws CliError `teams-client-missing`, `teams-client-failed`, `no-team`. */
export async function startTeamsClient(options: TeamsClientOptions): Promise<TeamsClient> {
  const program = findProgram();
  const tenant = tenantSchema.safeParse(options.simulator.state());
  if (!tenant.success) {
    throw new CliError(
      'no-team',
      'The simulated tenant has no team to post to.',
      'Choose another --fixture.',
    );
  }
  const port = await freePort(options.port);
  // A name could lead to another server on the same port of another address.
  const url = `http://${LOOPBACK}:${port}`;
  const start = randomBytes(16).toString('hex');
  mkdirSync(options.directory, { recursive: true });
  const settings = join(options.directory, 'client.yml');
  // JSON is YAML, too.
  writeFileSync(settings, JSON.stringify(settingsOf(tenant.data, options.people), undefined, 2));
  const attached = await options.simulator.teams.attachClient({
    bot: `${options.url}/api/messages`,
    connector: `${url}/_connector`,
  });
  const log = join(options.directory, 'client.log');
  const child = spawn(
    process.execPath,
    ['--import', LOOPBACK_ONLY, program, '-c', 'msteams', '-p', String(port), '--disable-telemetry'],
    {
      cwd: options.directory,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {
        ...process.env,
        // Not an argument: every user of this machine can read arguments, and the address is a secret.
        BOT_ENDPOINT: attached.endpoint,
        [START_VARIABLE]: start,
        TEAMSAPPTESTER_BROWSER: 'none',
        M365_AGENTS_PLAYGROUND_LOGFILE: log,
        M365_AGENTS_PLAYGROUND_CONFIG_PATH: settings,
      },
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    await attached.stop();
  };
  try {
    await waitUntilReady(`${url}/_debug/ping`, start, ended);
  } catch (error) {
    await stop();
    throw new CliError('teams-client-failed', messageOf(error), `See its log: ${log}`);
  }
  return { url, stop };
}

function findProgram(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'cli.js');
  } catch {
    throw new CliError(
      'teams-client-missing',
      `--teams needs ${PACKAGE}, which is not installed.`,
      'Run npm install with development dependencies.',
    );
  }
}

/** @see https://aka.ms/teams-app-test-tool-config-guide */
export function settingsOf({ tenant, app, users, teams }: TeamsTenant, wanted: readonly string[]): object {
  const order = (id: string) => (wanted.includes(id) ? wanted.indexOf(id) : wanted.length);
  const sorted = [...users].sort((a, b) => order(a.id) - order(b.id));
  const [current, ...others] = [...sorted, ...STRANGERS].slice(0, PEOPLE).map((user) => ({
    id: `29:${user.id}`,
    name: user.displayName,
    userPrincipleName: user.userPrincipalName,
    aadObjectId: user.id,
    givenName: user.givenName,
    surname: user.surname,
    email: user.userPrincipalName,
  }));
  const [team] = teams;
  return {
    version: '0.1.1',
    tenantId: tenant.id,
    bot: { id: `28:${app.clientId}`, name: app.displayName },
    currentUser: current,
    users: others,
    personalChat: { id: 'personal-chat' },
    groupChat: { id: 'group-chat', name: 'Group chat' },
    team: {
      id: team?.id,
      name: team?.displayName,
      aadGroupId: '00000000-0000-4000-8000-00000000c0de',
      channels: team?.channels.map(({ id, displayName }) => ({ id, name: displayName })),
    },
  };
}

/** The wanted port, or any free port if it is in use. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))));
    server.listen(wanted, LOOPBACK, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : wanted));
    });
  });
}

async function waitUntilReady(url: string, start: string, ended: Promise<void>): Promise<void> {
  let over = false;
  ended.then(() => {
    over = true;
  });
  const end = performance.now() + START_WITHIN_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    const isOurs = answer?.headers.get(STARTED_BY) === start;
    if (answer?.ok && isOurs) return;
    if (answer !== undefined && !isOurs) throw new Error('Another program uses the port.');
    if (over) throw new Error('The Teams client exited during its start.');
    if (performance.now() > end) throw new Error('The Teams client does not respond.');
    await pause(200);
  }
}
