// Records fixtures/histories: what the app of this version asks of its host, one history for each scenario.
// `npm run histories` adds those that this version does not have yet; `-- --again [names…]` records it anew, which is
// right only as long as the version is not released. Folders of other versions are not touched; `--into <folder>`
// writes elsewhere.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { record } from './histories/record.mjs';
import { scenarios } from './histories/scenarios.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    again: { type: 'boolean', default: false },
    into: { type: 'string', default: join(root, 'fixtures/histories', version) },
  },
});
for (const name of positionals) {
  if (!scenarios.some((scenario) => scenario.name === name)) {
    throw new Error(
      `There is no scenario ${name}. Known ones: ${scenarios.map((one) => one.name).join(', ')}.`,
    );
  }
}

mkdirSync(values.into, { recursive: true });
for (const scenario of scenarios) {
  const file = join(values.into, `${scenario.orchestrator ?? 'handleIncident'}.${scenario.name}.json`);
  if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
  if (existsSync(file) && !values.again) continue;
  try {
    const history = await record(scenario);
    writeFileSync(file, textOf(history));
    console.log(`${scenario.name}: ${history.events.length} events`);
  } catch (error) {
    console.error(`${scenario.name}: ${error.message}`);
    process.exitCode = 1;
  }
}

/** One event on each line, so that a difference shows which. */
function textOf({ events, ...head }) {
  const lines = events.map((event) => `  ${JSON.stringify(event)}`).join(',\n');
  return `${JSON.stringify(head).slice(0, -1)},"events":[\n${lines}\n]}\n`;
}
