// Plays a corpus of the durable form (app, scenarios, recorded) against the embedded host.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHost, virtualClock, wallClock } from 'functions-emulator';
import { differences } from './durable-form/compare.mjs';
import { Player } from './durable-form/player.mjs';
import { queueClock } from './durable-form/queue-clock.mjs';
import { timingOf } from './durable-form/timing.mjs';
import { layOutApp } from './lay-out.mjs';

/** How many scenarios are played at the same time. */
const TOGETHER = 12;

/**
 * Each scenario is played once, under the timing that is declared for it. One that comes out otherwise than recorded
 * is played once more under the same timing, by itself: tenths of a second decide some, and many at the same time may
 * cost them. What had differed is said in any case.
 * @param {string} dir the corpus
 * @param {{only?: readonly string[] | undefined, once?: boolean, print: (line: string) => void}} options names of
 *   scenarios to play (all without any), whether none is played a second time, and where the lines of the report go
 * @returns {Promise<{same: number, different: number, onPurpose: number, again: number}>} `onPurpose`: none, all is as on
 *   the real host; `again`: how many of them were played twice
 */
export async function runDurableCorpus(dir, { only, once = false, print }) {
  const read = (...parts) => JSON.parse(readFileSync(join(dir, ...parts), 'utf8'));
  const all = readdirSync(join(dir, 'scenarios'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => read('scenarios', file));
  const names = all.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const found = new Map();
  const play = async (scenarios) => {
    const host = { withKeys: scenarios[0].needsKeys === true, timing: timingOf(scenarios[0].name) };
    for (const [name, actual] of await playAll(dir, names, scenarios, host))
      found.set(name, differences(read('recorded', `${name}.json`), actual));
  };
  const wanted = all.filter(({ name }) => !only?.length || only.includes(name));
  const hosts = new Map();
  for (const scenario of wanted) {
    const host = JSON.stringify([scenario.needsKeys === true, timingOf(scenario.name)]);
    hosts.set(host, [...(hosts.get(host) ?? []), scenario]);
  }
  for (const scenarios of hosts.values()) await play(scenarios);
  const counts = { same: 0, different: 0, onPurpose: 0, again: 0 };
  for (const scenario of wanted) {
    const before = found.get(scenario.name);
    if (before.length > 0 && !once) {
      counts.again++;
      await play([scenario]);
    }
    report(scenario.name, found.get(scenario.name), before, counts, print);
  }
  return counts;
}

/**
 * A corpus whose outcomes hang on tenths of a second has a file `virtual-time`: it is played in time that no load of the
 * machine can stretch, in which an activity takes the `ms` of its input.
 */
const hasOwnTime = (dir) => existsSync(join(dir, 'virtual-time'));
const takesItsTime = ({ input }) => (input?.ms > 0 ? { kind: 'delay', ms: input.ms } : undefined);

/** @returns what was played, by the names of the scenarios */
async function playAll(dir, names, scenarios, { withKeys, timing }) {
  const actual = new Map();
  const clock = hasOwnTime(dir) ? virtualClock(Date.now()) : wallClock();
  const data = mkdtempSync(join(tmpdir(), 'conformance-'));
  const appDirectory = layOutApp(dir);
  const host = await startHost({
    appDirectory,
    dataDirectory: data,
    port: 0,
    serviceBusPort: 0,
    clock: queueClock(clock, timing.timer),
    authOff: !withKeys,
    ...(clock.kind === 'virtual' ? { introspection: { onActivity: takesItsTime } } : {}),
  });
  const player = new Player(host.url, names, withKeys ? host.keys : undefined, timing, clock);
  const play = async (scenario) => actual.set(scenario.name, await player.play(scenario));
  try {
    const queue = scenarios.filter((scenario) => scenario.exclusive !== true);
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await play(next);
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    for (const scenario of scenarios) if (scenario.exclusive === true) await play(scenario);
  } finally {
    await host.stop();
    for (const path of [data, appDirectory]) rmSync(path, { recursive: true, force: true });
  }
  return actual;
}

/** @param before what had differed when it was played first */
function report(name, found, before, counts, print) {
  if (found.length > 0) {
    counts.different++;
    print(`different   ${name}`);
    const short = (value) => JSON.stringify(value)?.slice(0, 300);
    for (const { path, expected, actual } of found.slice(0, 8)) {
      print(`            ${path}: recorded ${short(expected)}, here ${short(actual)}`);
    }
    if (found.length > 8) print(`            and ${found.length - 8} more`);
    return;
  }
  const twice = before.length > 0 ? ` (played again: first ${before[0].path} differed)` : '';
  counts.same++;
  print(`same        ${name}${twice}`);
}
