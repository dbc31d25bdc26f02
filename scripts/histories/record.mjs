// Runs the built app with one scenario, on the embedded host and the simulated tenant in virtual time.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { virtualClock } from 'functions-emulator';
import { deliverByHttp } from '../../dist/src/cli/approvals-api.js';
import { Fixture } from '../../dist/src/cli/fixture.js';
import { SIMULATED_GROUPS, startResponder } from '../../dist/src/cli/responder.js';
import { signInTokenOf } from '../../dist/src/cli/sign-in.js';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const fixture = new Fixture(path('fixtures/ransomware-on-workstation'));
const { analysts, startsAt } = fixture.about;
const { instanceId } = fixture;
const START = Date.parse(startsAt);
/** Signs nothing outside of these runs; the same each time, so that the histories are. */
const SECRET = createHash('sha256').update('histories').digest('hex');
/** The directory does not have the group soc-nobody. */
const GROUPS = { ...SIMULATED_GROUPS, 'soc-nobody': '00000000-0000-4000-8000-00000000b999' };
const CHANNELS = { 'soc-incidents': '19:0000000000000000000000000000c001@thread.tacv2' };
const TOPIC = 'https://sentinel-responder.westeurope-1.eventgrid.azure.net/api/events';
/** Real time. */
const PATIENCE_MS = 120_000;

/** @returns {Promise<import('functions-emulator').ExportedHistory>} */
export async function record(scenario) {
  const tenant = fixture.tenant;
  scenario.tenant?.(tenant);
  const files = filesOf(scenario.playbook ?? []);
  const clock = virtualClock(START);
  const release = clock.hold('starting');
  const end = ending(scenario, clock);
  const responder = await startResponder({
    source: { kind: 'simulated', tenant },
    clock,
    signInSecret: SECRET,
    analysts,
    port: 0,
    serviceBusPort: 0,
    playbooksDirectory: files.playbooks,
    policyFile: files.policy,
    approverGroups: GROUPS,
    onEvent: end.see,
    introspection: { onActivity: slowed },
    ...(scenario.teams ? { teamsChannels: CHANNELS } : {}),
    ...(scenario.topic ? { eventTopic: TOPIC } : {}),
  });
  try {
    const { host, simulator } = responder;
    for (const { status, ...fault } of scenario.faults ?? []) {
      simulator.addFault({ ...fault, answer: { kind: 'status', status } });
    }
    if (scenario.later) {
      const { afterSeconds, change } = scenario.later;
      clock.at(START + afterSeconds * 1000, () => simulator.update(change));
    }
    scenario.decisions.forEach((decision, order) => {
      const decided = async () => {
        const hold = clock.hold('an analyst decides');
        await decide(host.url, decision, `decision-${order + 1}`).catch(end.fail);
        hold();
      };
      clock.at(START + decision.afterSeconds * 1000, decided);
    });
    const deliver = (body) => deliverByHttp(host.url, host.keys.function, body);
    if (scenario.first !== undefined) {
      await deliver(JSON.stringify(scenario.first));
      await host.idle();
    }
    await deliver(scenario.event?.(fixture.event) ?? fixture.event);
    release();
    await end.reached;
    const unknown = simulator.unknownCalls();
    if (unknown.length > 0) throw new Error(`the simulated tenant has no answer for ${unknown[0].path}`);
    return withoutChance(host.exportHistory(scenario.of ?? instanceId));
  } finally {
    await responder.stop();
    rmSync(files.folder, { recursive: true, force: true });
  }
}

/** When the history is to be taken: at the completion, or at a time of its own. */
function ending({ outcome, stopAfterSeconds, of = instanceId }, clock) {
  let done;
  let fail;
  const reached = new Promise((resolve, reject) => {
    done = () => {
      // Nothing more may happen: the history is about to be taken.
      clock.hold('recording');
      resolve();
    };
    fail = reject;
  });
  reached.catch(() => undefined);
  setTimeout(() => fail(new Error('it does not end')), PATIENCE_MS).unref();
  if (stopAfterSeconds !== undefined) clock.at(START + stopAfterSeconds * 1000, done);
  const see = (event) => {
    if (event.kind === 'diagnostic') fail(new Error(event.message));
    if (event.kind !== 'instance-changed' || event.instanceId !== of) return;
    if (event.runtimeStatus === 'Failed') fail(new Error(String(event.output)));
    if (event.runtimeStatus !== 'Completed') return;
    if (event.output?.outcome === outcome) done();
    else fail(new Error(`it ended as ${event.output?.outcome}, not as ${outcome}`));
  };
  return { reached, see, fail };
}

/** Decides all that is asked for, or its `actions` alone; a refusal belongs to the history, too. */
async function decide(url, { kind, by, actions, reason }, key) {
  const { id } = analysts.find(({ name }) => name === by);
  const headers = {
    authorization: `Bearer ${signInTokenOf(SECRET, id)}`,
    'content-type': 'application/json',
  };
  const { approvals } = await (await fetch(`${url}/api/incidents/${instanceId}`, { headers })).json();
  const purpose = kind === 'undo' ? 'undo' : 'respond';
  for (const request of approvals.filter((one) => one.purpose === purpose && one.state === 'waiting')) {
    const door = `${url}/api/approvals/${encodeURIComponent(request.id)}`;
    const seen = await fetch(door, { headers });
    const { steps } = await seen.json();
    const chosen = steps.filter(({ action }) => actions?.includes(action) ?? true).map((step) => step.id);
    const body = {
      ...(kind === 'approve' || kind === 'reject' ? { kind } : {}),
      ...(kind === 'approve' || kind === 'undo' ? { steps: chosen } : {}),
      ...(reason === undefined ? {} : { reason }),
    };
    await fetch(`${door}/${kind === 'approve' || kind === 'reject' ? 'decisions' : kind}`, {
      method: 'POST',
      headers: {
        ...headers,
        'if-match': seen.headers.get('etag'),
        'idempotency-key': `${key}-${request.tier}`,
      },
      body: JSON.stringify(body),
    });
  }
}

/** Changed copies of the shipped playbook and policy; each change applies to the file that has its first text. */
function filesOf(changes) {
  const texts = ['playbooks/ransomware-on-device.yaml', 'policy/approvals.yaml'].map((name) => ({
    name,
    text: readFileSync(path(name), 'utf8'),
  }));
  for (const [from, to] of changes) {
    const file = texts.find(({ text }) => text.includes(from));
    if (file === undefined) throw new Error(`neither playbook nor policy has: ${from}`);
    file.text = file.text.replace(from, to);
  }
  const folder = mkdtempSync(join(tmpdir(), 'histories-'));
  for (const { name, text } of texts) {
    mkdirSync(join(folder, dirname(name)));
    writeFileSync(join(folder, name), text);
  }
  return { folder, playbooks: join(folder, 'playbooks'), policy: join(folder, 'policy/approvals.yaml') };
}

/** Each call takes a time of its own, so that those which run together end in the same order each time. */
function slowed({ name, input }) {
  const hash = createHash('sha256')
    .update(`${name} ${JSON.stringify(input)}`)
    .digest();
  return { kind: 'delay', ms: 20 + (hash.readUInt16BE() % 800) };
}

/** The execution's id is drawn by chance. */
function withoutChance(history) {
  const { ExecutionId } = history.events.find(({ EventType }) => EventType === 0).OrchestrationInstance;
  return JSON.parse(JSON.stringify(history).replaceAll(ExecutionId, '00000000-0000-4000-8000-0000000000e0'));
}
