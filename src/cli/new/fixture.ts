/** A new fixture: the input of an existing one, without its decisions and recordings. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../problem.js';
import { checkName, type Scaffold } from './scaffold.js';

const COPIED = ['event.json', 'fixture.json', 'tenant.json'];

/** @throws CliError `name-invalid`, `fixture-unknown`. */
export function newFixture(name: string, from: string, directory: string): Scaffold {
  checkName(name, 'The name');
  checkName(from, 'The fixture to copy');
  if (!COPIED.every((file) => existsSync(join(directory, 'fixtures', from, file)))) {
    throw new CliError('fixture-unknown', `There is no fixture ${from}.`, 'See the folders in fixtures/.');
  }
  const copied = COPIED.map((file) => ({
    path: `fixtures/${name}/${file}`,
    text: readFileSync(join(directory, 'fixtures', from, file), 'utf8'),
  }));
  return {
    files: [...copied, { path: `fixtures/${name}/decisions.json`, text: '[]\n' }],
    next: [
      {
        what: `Describe the attack in fixtures/${name}: fixture.json, event.json, tenant.json. Made-up data only.`,
      },
      { what: `Say in decisions.json what the analysts decide (CONTRIBUTING.md, "Adding a fixture").` },
      { what: 'Record it, and read expected.json', command: `npm run replay -- --record ${name}` },
      { what: 'Replay it', command: `npm run replay -- ${name}` },
    ],
  };
}
