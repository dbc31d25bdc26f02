// One life of a responder in virtual time, for crashes.test.ts: it hands the incident in, approves it when it waits,
// and ends when it is handled. With DIE_AT_COMMIT=k the process is ended, as by kill -9, at its k-th durable commit.
// It prints {"commits": …, "outcome": …} when it gets to the end.
import { openLife } from './life.mjs';

const dieAt = Number(process.env.DIE_AT_COMMIT ?? 0);
const { instanceId, clock, die, start } = openLife(process.argv[2]);
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

const started = await start({
  introspection: {
    onCommit() {
      commits += 1;
      return commits === dieAt ? die() : 'go on';
    },
  },
  onEvent(event) {
    if (event.kind !== 'instance-changed' || event.instanceId !== instanceId) return;
    if (event.customStatus?.state === 'awaiting-approval') setImmediate(approve);
    if (isHandled(event)) ended();
  },
});
api = started.api;
await started.deliver();
const known = (await api.incidents()).find((incident) => incident.instanceId === instanceId);
if (known?.state === 'awaiting-approval') await approve();
release();
if (known?.state !== 'ended' && known?.runtimeStatus !== 'Completed') await handled;
const still = clock.hold('reading the result');
const file = await api.caseFileWhen(instanceId, ({ stage }) => stage === 'ended');
still();
await started.responder.stop();
console.log(
  JSON.stringify({ commits, outcome: file.outcome, effects: file.effects.map(({ state }) => state) }),
);
