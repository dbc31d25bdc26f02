/** Checks the files of fixtures that people write; the replay compares the recorded ones. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
// The schema alone: a check must not load the simulator's database.
import { SimulatorError } from 'tenant-simulator/errors';
import { parseTenant } from 'tenant-simulator/tenant';
import { keyOfOrigin } from '../domain/incident-origin.js';
import { recogniseDeliveries } from '../intake/index.js';
import { Fixture } from './fixture.js';
import { CliError } from './problem.js';

interface FixtureProblem {
  /** The folder, relative to the working directory. */
  readonly place: string;
  readonly code: string;
  readonly message: string;
  readonly next?: string;
}

export const isFixture = (path: string): boolean => existsSync(join(path, 'fixture.json'));

/** The first problem of each folder. */
export function checkFixtures(directories: readonly string[]): readonly FixtureProblem[] {
  return directories.flatMap((directory) => {
    const place = relative(process.cwd(), directory).replaceAll('\\', '/') || directory;
    try {
      const fixture = new Fixture(directory);
      void fixture.decisions;
      parseTenant(fixture.tenant);
      assertOwnEvent(fixture);
      return [];
    } catch (thrown) {
      if (thrown instanceof SimulatorError) return [{ place, code: thrown.code, message: thrown.message }];
      if (!(thrown instanceof CliError)) throw thrown;
      const { code, message, next } = thrown.problem;
      return [{ place, code, message, ...(next === undefined ? {} : { next }) }];
    }
  });
}

/** An alert, or a row of the log, may name no incident: its service is asked, so only the replay shows it. */
function assertOwnEvent(fixture: Fixture): void {
  const key = keyOfOrigin(fixture.about.origin);
  const deliveries = recogniseDeliveries(JSON.parse(fixture.event));
  if (deliveries.some((one) => (one.kind === 'incident' ? one.key === key : one.kind !== 'rejected'))) return;
  const [first] = deliveries;
  const found = first.kind === 'rejected' ? first.reason : first.kind === 'incident' ? first.key : '';
  throw new CliError(
    'another-incident',
    `event.json is not about the incident of fixture.json, ${key}: ${found}`,
    'Set origin to the incident of event.json: responder normalise shows its key.',
  );
}
