// npm run conformance -- DIR [--only a,b] [--once]
// Plays a folder of recorded scenarios against the embedded host and compares what comes back with what was recorded
// on the real one. Exits 1 if anything differs that is not in the tables of what differs on purpose. With --once no
// scenario is played a second time.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runDurableCorpus } from './durable-form.mjs';
import { runFunctionsCorpus } from './functions-form.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--only');
const only = at < 0 ? undefined : args.splice(at, 2)[1]?.split(',').filter(Boolean);
const once = args.includes('--once');
const [directory] = args.filter((arg) => arg !== '--once');
if (directory === undefined || !existsSync(join(directory, 'scenarios'))) {
  console.error(
    `usage: npm run conformance -- DIR [--only NAME,NAME] [--once]\nDIR holds app, scenarios and recorded${directory === undefined ? '' : `; ${directory} has no scenarios`}.`,
  );
  process.exit(2);
}
const folder = resolve(directory);
const play = existsSync(join(folder, 'profiles.json')) ? runFunctionsCorpus : runDurableCorpus;
const counts = await play(folder, { only, once, print: (line) => console.log(line) });
const again = counts.again > 0 ? `; ${counts.again} played twice` : '';
console.log(
  `${counts.same} same, ${counts.different} different, ${counts.onPurpose} different on purpose${again}`,
);
process.exit(counts.different === 0 ? 0 : 1);
