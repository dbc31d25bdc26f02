// Prints the embedded host's own figures. usage: npm run bench [-- latency,burst,… [rounds]]
// Medians of the rounds; the rounds are interleaved, so that a machine that grows slower hits all alike.
import os from 'node:os';
import { libraryReplay } from './library-replay.mjs';
import * as measure from './measure.mjs';
import { storage } from './storage.mjs';
import { percentile } from './system.mjs';

const all = { ...measure, libraryReplay, storage };
const names = process.argv[2]?.split(',') ?? Object.keys(all);
const rounds = Number(process.argv[3] ?? 3);
const results = new Map(names.map((name) => [name, []]));

console.log(`${os.cpus().length} cores, ${os.cpus()[0]?.model}, Node ${process.version}, ${os.platform()}`);
for (let round = 1; round <= rounds; round += 1) {
  for (const name of names) {
    const result = await all[name]();
    results.get(name).push(result);
    console.log(`round ${round}  ${name.padEnd(14)} ${show(result)}`);
  }
}
console.log('\nmedians');
for (const [name, list] of results) {
  const median = Object.fromEntries(
    Object.keys(list[0]).map((key) => [
      key,
      percentile(
        list.map((result) => result[key]),
        0.5,
      ),
    ]),
  );
  console.log(`${name.padEnd(14)} ${show(median)}`);
}

function show(result) {
  return Object.entries(result)
    .map(([key, value]) => `${key} ${value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000}`)
    .join('  ');
}
