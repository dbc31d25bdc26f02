/** What Microsoft publishes about the types and operations that requests use. Written by scripts/published-apis.mjs. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const names = z.array(z.string());
const membersSchema = z.record(z.string(), z.string());
const typesShape = {
  /** Each file with its commit. */
  source: z.object({ repository: z.string(), read: z.string(), files: membersSchema }),
  types: z.record(
    z.string(),
    z.object({
      base: z.string().optional(),
      entity: z.boolean(),
      properties: membersSchema,
      navigation: membersSchema,
      /** Not in the body of a request. */
      readOnly: names.default([]),
      required: names.default([]),
    }),
  ),
  enums: z.record(z.string(), names),
};
const boundSchema = z.object({
  on: z.string(),
  name: z.string(),
  kind: z.enum(['action', 'function']),
  parameters: membersSchema,
  required: names,
});
const graphSchema = z.object({ ...typesShape, roots: membersSchema, operations: z.array(boundSchema) });
const sentinelSchema = z.object({
  ...typesShape,
  operations: z.array(
    z.object({
      path: z.string(),
      method: z.string(),
      version: z.string(),
      query: names,
      required: names,
      body: z.string().optional(),
      /** What `$filter` and `$orderby` are about. */
      list: z.string().optional(),
    }),
  ),
});
type Given = Pick<z.infer<typeof graphSchema>, 'types' | 'enums'>;
export type Bound = z.infer<typeof boundSchema>;

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8'));
export const graph = graphSchema.parse(read('graph'));
export const sentinel = sentinelSchema.parse(read('sentinel'));

export interface Member {
  readonly kind: 'property' | 'navigation';
  readonly type: string;
  readonly readOnly: boolean;
}

/** The item of a collection; any other type as it is. */
export function itemOf(type: string): string {
  return /^Collection\((.*)\)$/.exec(type)?.[1] ?? type;
}

export class Types {
  constructor(private readonly given: Given) {}

  enumOf(name: string): readonly string[] | undefined {
    return this.given.enums[name];
  }

  /** The type and its bases. @throws Error if it is not among the published facts. */
  lineage(name: string): string[] {
    const base = this.definition(name).base;
    return [name, ...(base === undefined ? [] : this.lineage(base))];
  }

  definition(name: string): Given['types'][string] {
    const found = this.given.types[name];
    if (found !== undefined) return found;
    throw new Error(
      `${name} is not among the published types: add it to TYPES in scripts/published-apis.mjs`,
    );
  }

  member(type: string, name: string): Member | undefined {
    for (const one of this.lineage(type)) {
      const { properties, navigation, readOnly } = this.definition(one);
      const [property, target] = [properties[name], navigation[name]];
      if (property !== undefined)
        return { kind: 'property', type: property, readOnly: readOnly.includes(name) };
      if (target !== undefined) return { kind: 'navigation', type: target, readOnly: false };
    }
    return undefined;
  }
}
