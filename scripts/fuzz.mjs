// Reads mutants of the example bodies and checks that each gives deliveries and incidents without an exception, then
// measures how long a body of 20 KB takes. usage: npm run fuzz [-- <mutants> [first seed]]

import { normaliseBody, recogniseDeliveries } from '../dist/src/intake/index.js';
import { EXAMPLES, mutant } from '../test/intake/mutate.mjs';

const count = Number(process.argv[2] ?? 100_000);
const first = Number(process.argv[3] ?? 1);
const LARGEST = 10_000_000;
const kinds = new Map();
let failed = 0;
let slowest = { ms: 0, seed: 0 };

for (let seed = first; seed < first + count; seed += 1) {
  const body = mutant(seed);
  const started = performance.now();
  try {
    for (const delivery of recogniseDeliveries(body)) {
      const kind = delivery.kind === 'rejected' ? delivery.code : delivery.kind;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    normaliseBody(body, LARGEST);
  } catch (error) {
    failed += 1;
    if (failed <= 10) console.error(`seed ${seed}:`, error);
  }
  const ms = performance.now() - started;
  if (ms > slowest.ms) slowest = { ms, seed };
}
console.log(
  `${count} mutants from seed ${first}: ${failed} exceptions; slowest ${slowest.ms.toFixed(1)} ms (seed ${slowest.seed})`,
);
console.log(
  [...kinds]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, n]) => `${kind} ${n}`)
    .join(', '),
);

const bodies = EXAMPLES.filter((text) => text.includes('Incident') || text.includes('incident')).map(padded);
console.log(`recognise a body of 20 KB: ${times((body) => recogniseDeliveries(body))}`);
console.log(`normalise a body of 20 KB: ${times((body) => normaliseBody(body, LARGEST))}`);
process.exitCode = failed === 0 ? 0 : 1;

/** The example as many times in a list as 20 KB hold. */
function padded(text) {
  const value = text.startsWith('{\n') ? text : `[${text.trim().split('\n').join(',')}]`;
  const times = Math.max(1, Math.floor(20_000 / value.length));
  return Buffer.from(`[${Array.from({ length: times }, () => value).join(',')}]`);
}

function times(read) {
  for (let i = 0; i < 2_000; i += 1) read(bodies[i % bodies.length]);
  const elapsed = [];
  // CPU time: other programs on the machine do not count, but the threads of the garbage collector do.
  const used = [];
  for (let i = 0; i < 2_000; i += 1) {
    const started = performance.now();
    const before = process.cpuUsage();
    read(bodies[i % bodies.length]);
    const { user, system } = process.cpuUsage(before);
    elapsed.push(performance.now() - started);
    used.push((user + system) / 1000);
  }
  return `elapsed ${percentiles(elapsed)}; CPU ${percentiles(used)}`;
}

function percentiles(all) {
  all.sort((a, b) => a - b);
  const at = (part) => `${all[Math.floor(all.length * part)].toFixed(2)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}`;
}
