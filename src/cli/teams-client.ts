/**
 * Microsoft's Agents Playground as the Teams client of the simulated tenant. It is told who the tenant's people are,
 * and speaks to the bot through the simulated Bot Connector, which signs what it says: the bot checks every token.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Simulator } from '../simulator/index.js';
import { CliError, messageOf } from './problem.js';
import { LOOPBACK, START_VARIABLE, STARTED_BY } from './teams-start.js';

const PACKAGE = '@microsoft/m365agentsplayground';
/** Runs in the client's process before the client does. */
const LOOPBACK_ONLY = new URL('./teams-loopback.js', import.meta.url).href;
const START_WITHIN_MS = 60_000;
/** It takes five people besides the one in front of it, not more and not fewer. */
const PEOPLE = 6;

/** What it needs to know of a tenant. */
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
  /** To open in a browser. */
  readonly url: string;
  stop(): Promise<void>;
}
export interface TeamsClientOptions {
  readonly simulator: Simulator;
  /** Address of the responder. */
  readonly url: string;
  /** Where its settings and its log are written. */
  readonly directory: string;
  /** 0 takes a free one; one that is taken, too. */
  readonly port: number;
  /** Object ids of those who should be there, the one who sits in front of it first. */
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
        // Not an argument, which everybody on this machine can read: only who knows the address is passed on.
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
    await answers(`${url}/_debug/ping`, start, ended);
  } catch (error) {
    await stop();
    throw new CliError('teams-client-failed', messageOf(error), `Its log may tell why: ${log}`);
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
      'Run npm install, with the development dependencies.',
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

/** The wanted port, or any if it is taken. */
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

async function answers(url: string, start: string, ended: Promise<void>): Promise<void> {
  let over = false;
  ended.then(() => {
    over = true;
  });
  const end = performance.now() + START_WITHIN_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    const isOurs = answer?.headers.get(STARTED_BY) === start;
    if (answer?.ok && isOurs) return;
    if (answer !== undefined && !isOurs) throw new Error('Another program answers on the port.');
    if (over) throw new Error('The Teams client ended while it started.');
    if (performance.now() > end) throw new Error('The Teams client does not answer.');
    await pause(200);
  }
}
