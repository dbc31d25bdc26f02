// One life of a responder in virtual time, controlled by life.ts: it reports events on stdout as lines of JSON, and
// continues when it reads `go` on stdin. The clock is held until then, because another process delivers and decides.
// STOP_AT="SIGKILL 12" ends it at its twelfth durable commit like a power cut, "SIGTERM 12" like the platform.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openLife } from '../life.mjs';
import { clickOnCard } from './click.mjs';

const [directory] = process.argv.slice(2);
const [signal, at] = (process.env.STOP_AT ?? 'never 0').split(' ');
const { instanceId, clock, rememberTime, start } = openLife(directory);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

let life;
let commits = 0;
let ended = () => undefined;
const completed = new Promise((resolve) => {
  ended = resolve;
});

function onCommit() {
  commits += 1;
  if (commits !== Number(at)) return 'go on';
  if (signal === 'SIGTERM') {
    process.kill(process.pid, signal);
    return 'go on';
  }
  keepWrites();
  rememberTime();
  return 'kill';
}

function onEvent(event) {
  if (event.kind !== 'instance-changed' || event.instanceId !== instanceId) return;
  if (event.customStatus?.state === 'awaiting-approval') decisionIsDue();
  if (event.runtimeStatus === 'Completed') ended();
}

/** Limits the wait for a lost delivery or decision. */
const LONGEST_MS = 60 * 24 * 3600 * 1000;

/** By then, interrupted work of the earlier life (a card, a case file update) has run again. */
const COMES_BACK_MS = 120_000;
let standsStill = false;
function decisionIsDue() {
  if (standsStill) return;
  standsStill = true;
  clock.at(clock.now() + COMES_BACK_MS, () => {
    const release = clock.hold('deciding');
    tell({ kind: 'waiting' });
    obey().then(release);
  });
}

async function read() {
  const file = await life.api.caseFileWhen(instanceId, ({ stage }) => stage === 'ended');
  const status = (await life.api.incidents()).find((incident) => incident.instanceId === instanceId);
  return { file, status };
}

/** Executes commands of the parent until `go`. */
async function obey() {
  for (;;) {
    const { value } = await lines.next();
    if (value === 'go') return;
    tell({ kind: 'clicked', status: await clickOnCard(life.responder.simulator, life.responder.host.url) });
  }
}

/** The requests to services, stored beyond the end of this process. */
function keepWrites() {
  const calls = life?.responder.simulator.calls() ?? [];
  for (const { host, method, path, status } of calls) {
    if (method !== 'GET' && status >= 200 && status < 300)
      appendFileSync(join(directory, 'writes'), `${method} ${host}${path}\n`);
  }
}

let isStopping = false;
let cancelLimit = () => undefined;
process.once('SIGTERM', async () => {
  isStopping = true;
  cancelLimit();
  await life?.responder.stop();
  keepWrites();
  rememberTime();
  process.exit(143);
});

const starting = clock.hold('starting');
life = await start({
  teamsChannels: { 'soc-incidents': '19:0000000000000000000000000000c001@thread.tacv2' },
  signingKey: 'a signing key of the tests that is longer than thirty-two characters',
  eventTopic: 'https://sentinel-responder.westeurope-1.eventgrid.azure.net/api/events',
  introspection: { onCommit },
  onEvent,
});
const { responder, api } = life;
const { host, simulator } = responder;
tell({
  kind: 'ready',
  url: host.url,
  functionKey: host.keys.function,
  serviceBus: host.serviceBusConnectionString,
  eventGrid: host.eventGridTopics[0],
  signInLink: responder.signInLink(),
  personToken: simulator.signIn.userToken(
    '00000000-0000-4000-8000-00000000a102',
    process.env.APPROVALS_CLIENT_ID,
    {},
  ),
  now: clock.now(),
});
await obey();
const known = (await api.incidents()).find((incident) => incident.instanceId === instanceId);
if (known?.state === 'awaiting-approval') decisionIsDue();
if (!isStopping)
  cancelLimit = clock.at(clock.now() + LONGEST_MS, () => {
    process.stderr.write('Nothing more came of the incident in 60 days.');
    process.exit(1);
  });
starting();
if (known?.runtimeStatus !== 'Completed') await completed;
cancelLimit();

const still = clock.hold('reading the result');
const { file, status } = await read().catch((error) => {
  if (!isStopping) throw error;
  // A stopping host does not answer; the next life reads the message.
  return new Promise(() => undefined);
});
still();
const { comments, channelMessages, machineActions, publishedEvents } = simulator.state();
await responder.stop();
keepWrites();
tell({ kind: 'ended', commits, file, status, comments, channelMessages, machineActions, publishedEvents });
process.exit(0);
