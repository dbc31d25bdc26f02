// What the demo incident would cost on Azure Storage: the responder on the embedded host in virtual time, its requests
// counted by the real host's rules (packages/functions-emulator/src/durable/storage-requests.ts).
import { setTimeout as sleep } from 'node:timers/promises';
import { storageCounter, virtualClock } from 'functions-emulator';
import { deliverByHttp, ResponderApi } from '../dist/src/cli/approvals-api.js';
import { findFixture } from '../dist/src/cli/fixture.js';
import { startResponder } from '../dist/src/cli/responder.js';
import { signInToken } from '../dist/src/cli/sign-in.js';

const SECRET = '0'.repeat(64);
/** Timers that lost their race fire within this time after the end. */
const LATER_MS = 70_000;
/** For what is still being written when a state is reached. */
const SETTLES_MS = 300;

/**
 * @returns requests until it waits, from the approval to its end, and of later timers, without reads of statuses and case
 * files, which depend on who looks on; those reads; rows and kB of its history.
 */
export async function storage() {
  const fixture = findFixture('ransomware-on-workstation');
  const { instanceId } = fixture;
  const clock = virtualClock(Date.parse(fixture.about.startsAt));
  const counter = storageCounter();
  const reached = new Map();
  /** Stops the time when the incident gets there. */
  const when = (state) => new Promise((resolve) => reached.set(state, resolve));
  const [waits, ends] = [when('awaiting-approval'), when('ended')];
  const responder = await startResponder({
    source: { kind: 'simulated', tenant: fixture.tenant },
    clock,
    signInSecret: SECRET,
    analysts: fixture.about.analysts,
    port: 0,
    serviceBusPort: 0,
    introspection: { onStorage: counter.observe },
    onEvent(event) {
      if (event.kind !== 'instance-changed' || event.instanceId !== instanceId) return;
      const { state } = event.customStatus ?? {};
      reached.get(state)?.(clock.hold(state));
      reached.delete(state);
    },
  });
  const work = async () => {
    await sleep(SETTLES_MS);
    const { work, requests } = counter.totals();
    return work - (requests['instance-read'] ?? 0);
  };
  try {
    const { host } = responder;
    await deliverByHttp(host.url, host.keys.function, fixture.event);
    let go = await waits;
    const toWaiting = await work();
    const api = new ResponderApi(host.url, signInToken(SECRET, 'cli'));
    const file = await api.caseFileWhen(instanceId, ({ approvals }) => approvals.length > 0);
    const { id } = file.approvals.find(({ purpose }) => purpose === 'respond');
    const { request, etag } = await api.approval(id);
    await api.decide(id, etag, { kind: 'approve', steps: request.stepIds });
    go();
    go = await ends;
    const toEnd = await work();
    const later = new Promise((resolve) =>
      clock.at(clock.now() + LATER_MS, () => resolve(clock.hold('later'))),
    );
    go();
    go = await later;
    const inAll = await work();
    go();
    const own = counter.totals((one) => one === instanceId);
    const entities = counter.totals((one) => one.startsWith('@'));
    return {
      toWaiting,
      toEnd: toEnd - toWaiting,
      later: inAll - toEnd,
      inAll,
      reads: counter.totals().requests['instance-read'] ?? 0,
      historyRows: own.historyRows,
      historyKB: own.historyBytes / 1000,
      entityKB: (entities.historyBytes + entities.instanceBytes) / 1000,
    };
  } finally {
    await responder.stop();
  }
}
