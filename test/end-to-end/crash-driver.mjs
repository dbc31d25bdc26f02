// One life of a responder in virtual time, for crashes.test.ts: it hands the incident in, approves it when it waits,
// and ends when it is handled. With DIE_AT_COMMIT=k the process is ended, as by kill -9, at its k-th durable commit.
// It prints {"commits": …, "outcome": …} when it gets to the end.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliverByHttp, ResponderApi } from '../../dist/src/cli/approvals-api.js';
import { findFixture } from '../../dist/src/cli/fixture.js';
import { startResponder } from '../../dist/src/cli/responder.js';
import { signInToken } from '../../dist/src/cli/sign-in.js';
import { virtualClock } from '../../dist/src/host/index.js';

const directory = process.argv[2];
const dieAt = Number(process.env.DIE_AT_COMMIT ?? 0);
const fixture = findFixture('ransomware-on-workstation');
const { instanceId } = fixture.about.incident;
const signInSecret = '0'.repeat(64);

// The next life goes on at the time at which this one ended.
const timeFile = join(directory, 'time');
const startMs = existsSync(timeFile)
  ? Number(readFileSync(timeFile, 'utf8'))
  : Date.parse(fixture.about.startsAt);
const clock = virtualClock(startMs);
const release = clock.hold('starting');
let commits = 0;
let ended = () => undefined;
const handled = new Promise((resolve) => {
  ended = resolve;
});

// It lives on for as long as what was done may be undone.
const isHandled = ({ runtimeStatus, customStatus }) =>
  runtimeStatus === 'Completed' || customStatus?.state === 'ended';

let api;
async function approve() {
  const hold = clock.hold('approving');
  const { approvals } = await api.caseFileWhen(instanceId, (file) => file.approvals.length > 0);
  for (const { id } of approvals.filter(({ purpose }) => purpose === 'respond')) {
    const { request, etag } = await api.approval(id);
    if (request.state !== 'waiting') continue;
    // A life before this one may have decided: then this is refused, and nothing is done twice.
    await api.decide(id, etag, { kind: 'approve', steps: request.stepIds }).catch(() => undefined);
  }
  hold();
}

const responder = await startResponder({
  source: { kind: 'simulated', tenant: fixture.tenant, stateDirectory: join(directory, 'tenant') },
  clock,
  signInSecret,
  analysts: fixture.about.analysts,
  port: 0,
  serviceBusPort: 0,
  dataDirectory: join(directory, 'host'),
  introspection: {
    onCommit() {
      commits += 1;
      if (commits !== dieAt) return 'go on';
      writeFileSync(timeFile, String(clock.now()));
      return 'die';
    },
  },
  onEvent(event) {
    if (event.kind !== 'instance-changed' || event.instanceId !== instanceId) return;
    if (event.customStatus?.state === 'awaiting-approval') setImmediate(approve);
    if (isHandled(event)) ended();
  },
});
api = new ResponderApi(responder.host.url, signInToken(signInSecret, 'cli'));
// A sender that got no answer sends again: the same incident is handled once.
await deliverByHttp(responder.host.url, responder.host.keys.function, fixture.event);
const known = (await api.incidents()).find((incident) => incident.instanceId === instanceId);
if (known?.state === 'awaiting-approval') await approve();
release();
if (known?.state !== 'ended' && known?.runtimeStatus !== 'Completed') await handled;
const still = clock.hold('reading the result');
const file = await api.caseFileWhen(instanceId, ({ stage }) => stage === 'ended');
still();
await responder.stop();
console.log(
  JSON.stringify({ commits, outcome: file.outcome, effects: file.effects.map(({ state }) => state) }),
);
