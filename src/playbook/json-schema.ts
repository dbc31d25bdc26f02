import { z } from 'zod';

/** JSON Schema (draft 2020-12) of a file for editors, with its title first. `more` adds to the schemas of its parts. */
export function jsonSchemaOf(
  schema: z.ZodType,
  title: string,
  more: NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override'] = () => {},
): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', override: more });
  return { $schema, title, ...rest };
}
