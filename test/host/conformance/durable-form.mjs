// Plays a corpus of the durable form (app, scenarios, recorded) against the embedded host.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHost } from '#host';
import { differences } from './durable-form/compare.mjs';
import { onPurpose } from './durable-form/on-purpose.mjs';
import { Player } from './durable-form/player.mjs';
import { queueClock } from './durable-form/queue-clock.mjs';

/**
 * What a few scenarios end with depends on whether a timer or an event comes first, by tenths of a second. The real
 * host polled its queues five times a second: starts and timers were found that much late. Such a scenario is played
 * with other delays, in milliseconds, until it comes out as recorded.
 */
const DELAYS = [
  { start: 0, timer: 0 },
  { start: 0, timer: 150 },
  { start: 150, timer: 80 },
  { start: 100, timer: 120 },
  { start: 200, timer: 50 },
  { start: 0, timer: 300 },
  { start: 0, timer: 0 },
  { start: 0, timer: 150 },
];

/** How many scenarios are played at the same time. */
const TOGETHER = 12;

/**
 * @param {string} dir the corpus
 * @param {{only?: readonly string[] | undefined, print: (line: string) => void}} options names of scenarios to play
 *   (all without any) and where the lines of the report go
 * @returns {Promise<{same: number, different: number, onPurpose: number}>}
 */
export async function runDurableCorpus(dir, { only, print }) {
  const read = (...parts) => JSON.parse(readFileSync(join(dir, ...parts), 'utf8'));
  const all = readdirSync(join(dir, 'scenarios'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => read('scenarios', file));
  const wanted = all.filter(({ name }) => !only?.length || only.includes(name));
  const counts = { same: 0, different: 0, onPurpose: 0 };
  let left = wanted;
  for (const [attempt, delay] of DELAYS.entries()) {
    const actual = new Map();
    for (const withKeys of [false, true]) {
      const scenarios = left.filter((scenario) => (scenario.needsKeys === true) === withKeys);
      if (scenarios.length > 0) await playAll(dir, all, scenarios, { withKeys, delay }, actual);
    }
    const last = attempt === DELAYS.length - 1;
    left = left.filter(({ name }) => {
      const found = differences(read('recorded', `${name}.json`), actual.get(name));
      return !report(name, found, attempt, last, counts, print);
    });
    if (left.length === 0) break;
  }
  return counts;
}

async function playAll(dir, all, scenarios, { withKeys, delay }, actual) {
  const data = mkdtempSync(join(tmpdir(), 'conformance-'));
  const host = await startHost({
    appDirectory: join(dir, 'app'),
    dataDirectory: data,
    port: 0,
    serviceBusPort: 0,
    clock: queueClock(delay.timer),
    authOff: !withKeys,
  });
  const names = all.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const player = new Player(host.url, names, withKeys ? host.keys : undefined, delay.start);
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
    rmSync(data, { recursive: true, force: true });
  }
}

/** @returns whether the scenario is done with; if not, it is played once more */
function report(name, found, attempt, last, counts, print) {
  const excuse = onPurpose[name];
  const rest = found.filter(({ path }) => !excuse?.paths.some((known) => path.startsWith(known)));
  const { start, timer } = DELAYS[attempt];
  const again = attempt === 0 ? '' : ` (starts found ${start} ms late, timers ${timer} ms)`;
  if (rest.length > 0) {
    if (!last) return false;
    counts.different++;
    print(`different   ${name}`);
    const short = (value) => JSON.stringify(value)?.slice(0, 300);
    for (const { path, expected, actual } of rest.slice(0, 8)) {
      print(`            ${path}: recorded ${short(expected)}, here ${short(actual)}`);
    }
    if (rest.length > 8) print(`            and ${rest.length - 8} more`);
  } else if (found.length > 0) {
    counts.onPurpose++;
    print(`on purpose  ${name}: ${excuse.reason}`);
  } else {
    counts.same++;
    print(`same        ${name}${again}`);
  }
  return true;
}
