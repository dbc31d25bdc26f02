// One life of a responder in virtual time, for redelivery.test.ts: it submits the incident, no one decides, and it ends
// when the temporary containment has ended. With DIE_ONCE_DISABLED the process ends, as by kill -9, at the first durable
// commit after a user was disabled, before that is recorded. It prints the effects.
import { deliverByHttp } from '../../dist/src/cli/approvals-api.js';
import { openLife } from './life.mjs';

const [directory, playbooksDirectory, policyFile] = process.argv.slice(2);
const { fixture, instanceId, clock, rememberTime, start } = openLife(directory);
const release = clock.hold('starting');

let users;
let still;
let ended = () => undefined;
const completed = new Promise((resolve) => {
  ended = resolve;
});
const { responder, api } = await start({
  playbooksDirectory,
  policyFile,
  introspection: {
    onCommit() {
      if (process.env.DIE_ONCE_DISABLED === undefined || users === undefined) return 'go on';
      if (users().every(({ accountEnabled }) => accountEnabled)) return 'go on';
      rememberTime();
      return 'kill';
    },
  },
  onEvent(event) {
    if (event.kind !== 'instance-changed' || event.instanceId !== instanceId) return;
    if (event.runtimeStatus !== 'Completed') return;
    still ??= clock.hold('reading the result');
    ended();
  },
});
users = () => responder.simulator.state().users;
await deliverByHttp(responder.host.url, responder.host.keys.function, fixture.event);
release();
await completed;
const file = await api.caseFileWhen(instanceId, ({ stage }) => stage === 'ended');
still();
await responder.stop();
console.log(JSON.stringify({ effects: file.effects }));
