/** A folder of fixtures/: one recorded incident. CONTRIBUTING.md describes how to make one. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { responses } from '../actions/registry.generated.js';
import { keyOfOrigin } from '../domain/incident-origin.js';
import { tenantIdSchema } from '../domain/tenant-id.js';
import { instanceIdOf, instanceIdOfKey } from '../intake/index.js';
import { parseJsonFile, readUtf8 } from './json-file.js';
import { packageDirectory } from './package-directory.js';
import { CliError } from './problem.js';

const aboutSchema = z.strictObject({
  title: z.string(),
  /** True when the exchanges were recorded from the simulated tenant. */
  synthetic: z.boolean(),
  /** Where the incident is read, with its id there. */
  origin: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('sentinel'), armId: z.string() }),
      z.strictObject({ kind: z.literal('defender'), tenantId: tenantIdSchema, id: z.string() }),
    ])
    .refine(
      (origin) => instanceIdOfKey(keyOfOrigin(origin)) !== undefined,
      'it is not the id of an incident',
    ),
  /** Users of the tenant that the command line can act as, the default first; not all of them are approvers. */
  analysts: z.array(z.strictObject({ id: z.guid(), name: z.string() })).default([]),
  /** ISO 8601, UTC: when the event arrives, in virtual time. */
  startsAt: z.iso.datetime().regex(/^20/, 'the year must be 20xx'),
});
/** An incident that has not ended by then never ends. */
const LONGEST_SECONDS = 60 * 24 * 3600;
const ACTIONS = responses.map(({ name }) => name);
const decisionsSchema = z.array(
  z.strictObject({
    /** Seconds of virtual time after the event. */
    afterSeconds: z.number().nonnegative().max(LONGEST_SECONDS),
    kind: z.enum(['approve', 'reject', 'extend', 'undo']),
    /** Actions that the decision covers; absent = all actions of the request. */
    actions: z.array(z.enum(ACTIONS)).optional(),
    reason: z.string().optional(),
    /** Name of one of the fixture's analysts; absent = the first. */
    by: z.string().optional(),
  }),
);
export type FixtureAbout = z.infer<typeof aboutSchema>;
export type PlannedDecision = z.infer<typeof decisionsSchema>[number];

const NEXT: Readonly<Record<string, string>> = {
  'fixture.json':
    'A folder without it is not a recorded incident. CONTRIBUTING.md describes how to make one.',
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
        `Available fixtures: ${fixtureNames().join(', ') || 'none'}.`,
      );
    }
    this.about = this.#read('fixture.json', aboutSchema);
  }

  /** The instance that handles the incident. */
  get instanceId(): string {
    return instanceIdOf(keyOfOrigin(this.about.origin));
  }
  /** The ARM id of the incident's workspace; undefined if it has none. */
  get workspace(): string | undefined {
    const { origin } = this.about;
    if (origin.kind !== 'sentinel') return undefined;
    return origin.armId.slice(
      0,
      origin.armId.toLowerCase().indexOf('/providers/microsoft.securityinsights/'),
    );
  }
  /** The event as it is sent; JSON. */
  get event(): string {
    const text = this.#text('event.json');
    this.#read('event.json', z.unknown());
    return text;
  }
  get tenant(): unknown {
    return this.#read('tenant.json', z.unknown());
  }
  get decisions(): readonly PlannedDecision[] {
    const decisions = this.#read('decisions.json', decisionsSchema);
    const known = this.about.analysts.map(({ name }) => name);
    for (const [i, { by }] of decisions.entries()) {
      if (by === undefined || known.includes(by)) continue;
      throw new CliError(
        'fixture-invalid',
        `${this.path('decisions.json')}, at ${i}.by: there is no analyst ${by} in fixture.json.`,
        `Available analysts: ${known.join(', ') || 'none'}.`,
      );
    }
    return decisions;
  }
  get expected(): Readonly<Record<string, unknown>> {
    return this.#read('expected.json', z.record(z.string(), z.unknown()));
  }
  path(file: string): string {
    return join(this.directory, file);
  }

  #text(file: string): string {
    if (!existsSync(this.path(file))) {
      const next = NEXT[file] ?? KIND.next;
      throw new CliError('fixture-invalid', `The fixture ${this.name} has no ${file}.`, next);
    }
    return readUtf8(this.path(file), KIND);
  }

  #read<T>(file: string, schema: z.ZodType<T>): T {
    return parseJsonFile(this.path(file), this.#text(file), schema, KIND);
  }
}

const KIND = {
  code: 'fixture-invalid',
  name: 'a valid fixture file',
  next: 'Correct the file: CONTRIBUTING.md describes the files of a fixture.',
};

/** Names of the folders in fixtures/. */
export function fixtureNames(): string[] {
  const directory = join(packageDirectory, 'fixtures');
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'fixture.json')))
    .map((entry) => entry.name)
    .sort();
}

export const fixtureDirectory = (name: string): string => join(packageDirectory, 'fixtures', name);

/** Finds a fixture by its name in fixtures/, or by the path of its folder. */
export function findFixture(nameOrPath: string): Fixture {
  const named = fixtureDirectory(nameOrPath);
  return new Fixture(!isAbsolute(nameOrPath) && existsSync(named) ? named : resolve(nameOrPath));
}
