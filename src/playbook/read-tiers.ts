import { z } from 'zod';
import { checkTiers } from './check-tiers.js';
import type { ProblemList } from './problem-list.js';
import type { TierRules } from './tier-schema.js';
import type { TierSet } from './tiers.js';
import type { Path } from './yaml-source.js';

const namedSchema = z.object({ name: z.string().optional().catch(undefined) }).catch({});

/** Reads and checks the list of tiers at `path`. `schemaProblems` reports the mistakes of their form. */
export function readTiers<T extends TierRules>(
  file: string,
  raw: unknown,
  path: Path,
  schema: z.ZodType<T>,
  problems: ProblemList,
): TierSet<T> {
  const list = Array.isArray(raw) ? raw : [];
  const named = list.map((tier, index) => ({
    name: namedSchema.parse(tier).name,
    path: [...path, index, 'name'],
  }));
  problems.refuseRepeated(named);
  const read = list.flatMap((tier, index) => {
    const { data } = schema.safeParse(tier);
    return data === undefined ? [] : [{ data, place: [...path, index] }];
  });
  const set = {
    file,
    names: named.flatMap(({ name }) => name ?? []),
    tiers: read.map(({ data }) => data),
  };
  checkTiers(
    set,
    read.map(({ place }) => place),
    problems.report,
  );
  return set;
}
