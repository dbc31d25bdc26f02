// One life of a responder in virtual time, for redelivery.test.ts: it hands the incident in, nobody decides, and it ends
// when what was contained is over. With DIE_ONCE_DISABLED the process is ended, as by kill -9, at the first durable
// commit after a user was disabled: before it is written down that this was done. It prints the effects.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliverByHttp, ResponderApi } from '../../dist/src/cli/approvals-api.js';
import { findFixture } from '../../dist/src/cli/fixture.js';
import { startResponder } from '../../dist/src/cli/responder.js';
import { signInToken } from '../../dist/src/cli/sign-in.js';
import { virtualClock } from '../../dist/src/host/index.js';

const [directory, playbooksDirectory] = process.argv.slice(2);
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

let responder;
let still;
let ended = () => undefined;
const completed = new Promise((resolve) => {
  ended = resolve;
});
responder = await startResponder({
  source: { kind: 'simulated', tenant: fixture.tenant, stateDirectory: join(directory, 'tenant') },
  clock,
  signInSecret,
  analysts: fixture.about.analysts,
  port: 0,
  serviceBusPort: 0,
  dataDirectory: join(directory, 'host'),
  playbooksDirectory,
  introspection: {
    onCommit() {
      if (process.env.DIE_ONCE_DISABLED === undefined || responder === undefined) return 'go on';
      if (responder.simulator.state().users.every(({ accountEnabled }) => accountEnabled)) return 'go on';
      writeFileSync(timeFile, String(clock.now()));
      return 'die';
    },
  },
  onEvent(event) {
    if (event.kind !== 'instance-changed' || event.instanceId !== instanceId) return;
    if (event.runtimeStatus !== 'Completed') return;
    still ??= clock.hold('reading the result');
    ended();
  },
});
// A sender that got no answer sends again: the same incident is handled once.
await deliverByHttp(responder.host.url, responder.host.keys.function, fixture.event);
release();
await completed;
const api = new ResponderApi(responder.host.url, signInToken(signInSecret, 'cli'));
const file = await api.caseFileWhen(instanceId, ({ stage }) => stage === 'ended');
still();
await responder.stop();
console.log(JSON.stringify({ effects: file.effects }));
