// The measurements. Each takes a fresh upstream and says what it saw; none of them judges.
import fs from 'node:fs';
import { makeIncident, newDataDirectory, percentile, sleep, startSystem } from './system.mjs';
import { startUpstream } from './upstream.mjs';

const LANES = 32;
let serial = 0;
function newId(prefix) {
  serial += 1;
  return `${prefix}-${process.pid}-${serial}`;
}

async function withSystem(run, delayMs = 20) {
  const upstream = await startUpstream(delayMs);
  const dataDirectory = newDataDirectory();
  const system = await startSystem(dataDirectory, upstream);
  try {
    return await run({ system, upstream, dataDirectory });
  } finally {
    await system.stop().catch(() => {});
    upstream.stop();
    fs.rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** Resolves with the time at which each of `ids` closed. */
function closings(upstream, ids, timeoutMs = 240_000) {
  const waiting = new Set(ids);
  const at = new Map();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${waiting.size} did not close`)), timeoutMs);
    upstream.listeners.close = (id) => {
      if (!waiting.delete(id)) return;
      at.set(id, performance.now());
      if (waiting.size > 0) return;
      clearTimeout(timer);
      resolve(at);
    };
  });
}

async function inLanes(items, work) {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}

const input = (id, { live = true, wait = true } = {}) => ({ id, live, wait, incident: makeIncident(id) });

/** One incident after the other, with its approval. */
export const latency = (n = 40) =>
  withSystem(async ({ system, upstream }) => {
    upstream.listeners.notify = (id) => system.approve(id);
    const took = [];
    const before = await system.usage();
    for (let i = 0; i < n + 8; i += 1) {
      const id = newId('lone');
      const startedAt = performance.now();
      const closed = closings(upstream, [id]);
      await system.start('incident', id, input(id));
      const at = (await closed).get(id);
      if (i >= 8) took.push(at - startedAt);
      await sleep(20);
    }
    const commitsEach = ((await system.usage()).commits - before.commits) / (n + 8);
    return { p50Ms: percentile(took, 0.5), p95Ms: percentile(took, 0.95), commitsEach };
  });

async function burstOf(system, upstream, name, ids, makeInput) {
  const before = await system.usage();
  const startedAt = performance.now();
  const closed = closings(upstream, ids);
  let peak = 0;
  const watch = setInterval(async () => {
    peak = Math.max(peak, (await system.usage()).rssMiB);
  }, 500);
  await inLanes(ids, (id) => system.start(name, id, makeInput(id)));
  const at = await closed;
  clearInterval(watch);
  await sleep(600);
  const after = await system.usage();
  const seconds = (Math.max(...at.values()) - startedAt) / 1000;
  return {
    perSecond: ids.length / seconds,
    cpuMsEach: (after.cpuMs - before.cpuMs) / ids.length,
    peakMiB: Math.max(peak, after.rssMiB),
    commitsEach: (after.commits - before.commits) / ids.length,
  };
}

/** `n` incidents at once. */
export const burst = (n = 1000) =>
  withSystem(({ system, upstream }) => {
    upstream.listeners.notify = (id) => system.approve(id);
    return burstOf(
      system,
      upstream,
      'incident',
      Array.from({ length: n }, () => newId('burst')),
      (id) => input(id),
    );
  });

/** The same with in-process activities and no wait: what the engine itself costs. 12 steps each. */
export const zero = (n = 500) =>
  withSystem(async ({ system, upstream }) => {
    const ids = (count) => Array.from({ length: count }, () => newId('zero'));
    const make = (id) => input(id, { live: false, wait: false });
    await burstOf(system, upstream, 'incident', ids(100), make);
    const result = await burstOf(system, upstream, 'incident', ids(n), make);
    return { ...result, stepsPerSecond: result.perSecond * 12 };
  });

/** Five activities in a row, tiny input. */
export const cities = (n = 1000) =>
  withSystem(async ({ system, upstream }) => {
    const ids = (count) => Array.from({ length: count }, () => newId('cities'));
    await burstOf(system, upstream, 'cities', ids(100), (id) => ({ id }));
    return burstOf(system, upstream, 'cities', ids(n), (id) => ({ id }));
  });

/** `n` incidents parked on their approval: memory and idle processor time; then all approvals at once. */
export const parked = (n = 1000) =>
  withSystem(async ({ system, upstream }) => {
    // What loading the app leaves behind is collected some 20 s after the start.
    await sleep(28_000);
    const idle = await system.usage();
    const ids = Array.from({ length: n }, () => newId('parked'));
    const waiting = new Set();
    upstream.listeners.notify = (id) => waiting.add(id);
    await inLanes(ids, (id) => system.start('incident', id, input(id)));
    while (waiting.size < n) await sleep(20);
    await sleep(2000);
    const soon = await system.usage();
    // Garbage is collected some 20 s after the last of them has come to rest; they wait for hours.
    await sleep(28_000);
    const before = await system.usage();
    await sleep(5000);
    const after = await system.usage();
    const accepted = [];
    const closed = closings(upstream, ids);
    const startedAt = performance.now();
    await inLanes(ids, async (id) => {
      const sentAt = performance.now();
      await system.approve(id);
      accepted.push(performance.now() - sentAt);
    });
    const seconds = (Math.max(...(await closed).values()) - startedAt) / 1000;
    return {
      idleMiB: idle.rssMiB,
      kibEachSoon: ((soon.rssMiB - idle.rssMiB) * 1024) / n,
      kibEach: ((after.rssMiB - idle.rssMiB) * 1024) / n,
      cores: (after.cpuMs - before.cpuMs) / 5000,
      drainPerSecond: n / seconds,
      acceptP95Ms: percentile(accepted, 0.95),
    };
  });

/** SIGKILL when 40 % of all calls of `n` incidents are answered; then a start on the same data. */
export async function recovery(n = 200) {
  const upstream = await startUpstream(20);
  const dataDirectory = newDataDirectory();
  let system = await startSystem(dataDirectory, upstream);
  let dead = false;
  const approved = new Set();
  const approve = async (id) => {
    for (;;) {
      try {
        if (!dead) {
          await system.approve(id);
          approved.add(id);
          return;
        }
      } catch {
        // the host is gone: the analyst's client tries again
      }
      await sleep(20);
    }
  };
  upstream.listeners.notify = (id) => void approve(id);
  const ids = Array.from({ length: n }, () => newId('kill'));
  const closed = closings(upstream, ids);
  await inLanes(ids, (id) => system.start('incident', id, input(id)));
  while (upstream.calls.filter((call) => call.answeredAt).length < n * 13 * 0.4) await sleep(5);
  dead = true;
  const killedAt = performance.now();
  await system.kill();
  await sleep(300);
  const before = upstream.calls.length;
  const restartedAt = performance.now();
  let firstCallAt;
  upstream.listeners.call = () => {
    firstCallAt ??= performance.now();
  };
  system = await startSystem(dataDirectory, upstream);
  dead = false;
  const at = await closed;
  const finished = new Map();
  for (const call of upstream.calls.slice(0, before)) {
    if (call.answeredAt && call.answeredAt < killedAt) finished.set(`${call.id}${call.key}`, call.answeredAt);
  }
  const repeated = upstream.calls
    .slice(before)
    .filter((call) => !call.key.startsWith('/notify') && finished.has(`${call.id}${call.key}`));
  const old = repeated.filter((call) => killedAt - finished.get(`${call.id}${call.key}`) > 100);
  await system.stop();
  upstream.stop();
  fs.rmSync(dataDirectory, { recursive: true, force: true });
  return {
    firstProgressMs: firstCallAt - restartedAt,
    allClosedMs: Math.max(...at.values()) - restartedAt,
    lost: n - at.size,
    repeatedFinished: repeated.length,
    repeatedFinishedOver100Ms: old.length,
  };
}

/** Fresh data directory to the first incident closed. */
export async function cold() {
  const upstream = await startUpstream(20);
  const dataDirectory = newDataDirectory();
  const startedAt = performance.now();
  const system = await startSystem(dataDirectory, upstream);
  const id = newId('cold');
  const closed = closings(upstream, [id]);
  await system.start('incident', id, input(id, { wait: false }));
  const at = (await closed).get(id);
  await system.stop();
  upstream.stop();
  fs.rmSync(dataDirectory, { recursive: true, force: true });
  return { readyMs: system.readyMs, firstClosedMs: at - startedAt };
}

/** One instance of `length` activities in a row. */
export const sequence = (length = 1000) =>
  withSystem(async ({ system, upstream }) => {
    const id = newId('sequence');
    const closed = closings(upstream, [id]);
    const startedAt = performance.now();
    await system.start('sequence', id, { id, length });
    return { length, ms: (await closed).get(id) - startedAt };
  });
