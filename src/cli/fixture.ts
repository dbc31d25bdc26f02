/** A folder of fixtures/: one recorded incident. CONTRIBUTING.md tells how one is made. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { packageDirectory } from './package-directory.js';
import { CliError } from './problem.js';

const aboutSchema = z.strictObject({
  title: z.string(),
  /** True when the exchanges were recorded from the simulated tenant. */
  synthetic: z.boolean(),
  /** The incident's ARM id, and the id of the instance that handles it. */
  incident: z.strictObject({ armId: z.string(), instanceId: z.string() }),
  /** People of the tenant whom whoever runs it may play, the usual one first; not all of them are approvers. */
  analysts: z.array(z.strictObject({ id: z.guid(), name: z.string() })).default([]),
  /** ISO 8601, UTC: when the event arrives, in virtual time. */
  startsAt: z.iso.datetime(),
});
const decisionsSchema = z.array(
  z.strictObject({
    /** Seconds of virtual time after the event. */
    afterSeconds: z.number().nonnegative(),
    kind: z.enum(['approve', 'reject', 'extend', 'undo']),
    /** Actions that the decision covers; absent = all that were asked for. */
    actions: z.array(z.string()).optional(),
    reason: z.string().optional(),
    /** Name of one of the fixture's analysts; absent = the first. */
    by: z.string().optional(),
  }),
);
export type FixtureAbout = z.infer<typeof aboutSchema>;
export type PlannedDecision = z.infer<typeof decisionsSchema>[number];

const NEXT: Readonly<Record<string, string>> = {
  'fixture.json': 'A folder without it is no recorded incident. CONTRIBUTING.md tells how one is made.',
  'expected.json': 'Record it: npm run replay -- --record',
};

export class Fixture {
  readonly name: string;
  readonly about: FixtureAbout;

  /** @throws CliError `fixture-unknown`, `fixture-invalid`. */
  constructor(readonly directory: string) {
    this.name = basename(directory);
    if (!existsSync(directory)) {
      throw new CliError(
        'fixture-unknown',
        `There is no fixture ${directory}.`,
        `Known ones: ${fixtureNames().join(', ') || 'none'}.`,
      );
    }
    this.about = this.#read('fixture.json', aboutSchema);
  }

  get event(): string {
    return this.#text('event.json');
  }
  get tenant(): unknown {
    return this.#read('tenant.json', z.unknown());
  }
  get decisions(): readonly PlannedDecision[] {
    return this.#read('decisions.json', decisionsSchema);
  }
  get expected(): unknown {
    return this.#read('expected.json', z.unknown());
  }
  path(file: string): string {
    return join(this.directory, file);
  }

  #text(file: string): string {
    try {
      return readFileSync(this.path(file), 'utf8');
    } catch {
      const next = NEXT[file];
      throw new CliError('fixture-invalid', `The fixture ${this.name} has no readable ${file}.`, next);
    }
  }

  #read<T>(file: string, schema: z.ZodType<T>): T {
    const text = this.#text(file);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new CliError(
        'fixture-invalid',
        `${this.path(file)} is not JSON: ${String((error as Error).message)}`,
      );
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const place = issue?.path.join('.') ?? '';
    throw new CliError('fixture-invalid', `${this.path(file)}${place && `, at ${place}`}: ${issue?.message}`);
  }
}

/** Names of the folders in fixtures/. */
export function fixtureNames(): string[] {
  const directory = join(packageDirectory, 'fixtures');
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'fixture.json')))
    .map((entry) => entry.name)
    .sort();
}

/** By its name in fixtures/, or by the path of its folder. */
export function findFixture(nameOrPath: string): Fixture {
  const named = join(packageDirectory, 'fixtures', nameOrPath);
  return new Fixture(!isAbsolute(nameOrPath) && existsSync(named) ? named : resolve(nameOrPath));
}
