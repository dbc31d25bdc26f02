/** The types that conditions are checked against, derived from the actions' zod schemas. */
import { z } from 'zod';

export type Shape =
  /** `values`: the closed set of values. `letters`: the case of all letters. */
  | { readonly type: 'string'; readonly values?: readonly string[]; readonly letters?: 'lower' | 'upper' }
  | { readonly type: 'int' | 'double' | 'bool' | 'any' }
  | { readonly type: 'list'; readonly items: Shape }
  | { readonly type: 'map'; readonly values: Shape }
  | ObjectShape;
export interface ObjectShape {
  readonly type: 'object';
  readonly fields: ReadonlyMap<string, Shape>;
}

interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  items?: JsonSchema | false;
  prefixItems?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
}

/** The shape of a schema's output. Types without a single CEL type (e.g. unions) are `any`. */
export function shapeOf(schema: z.ZodType): Shape {
  return fromJsonSchema(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema);
}

/** The names of the fields of an object schema. */
export const fieldNames = (schema: z.ZodType): string[] => [...objectShapeOf(schema).fields.keys()];

/** The shape of an object schema; an object without known fields for any other schema. */
export function objectShapeOf(schema: z.ZodType): ObjectShape {
  const shape = shapeOf(schema);
  return shape.type === 'object' ? shape : { type: 'object', fields: new Map() };
}

function fromJsonSchema(schema: JsonSchema): Shape {
  // A value that may be null is one that may be missing: null never reaches a condition.
  const variants = schema.anyOf?.filter((variant) => variant.type !== 'null');
  if (variants) return variants.length === 1 ? fromJsonSchema(variants[0] ?? {}) : { type: 'any' };
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null');
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  switch (types.length === 1 ? types[0] : undefined) {
    case 'string': {
      const texts = values?.filter((value) => typeof value === 'string');
      return texts && texts.length === values?.length
        ? { type: 'string', values: texts }
        : { type: 'string' };
    }
    case 'integer':
      return { type: 'int' };
    case 'number':
      return { type: 'double' };
    case 'boolean':
      return { type: 'bool' };
    case 'array':
      if (schema.prefixItems !== undefined) return { type: 'any' };
      return { type: 'list', items: fromJsonSchema(schema.items || {}) };
    case 'object':
      return fromObject(schema);
    default:
      return { type: 'any' };
  }
}

function fromObject({ properties, additionalProperties }: JsonSchema): Shape {
  if (properties) {
    const fields = Object.entries(properties).map(([key, value]) => [key, fromJsonSchema(value)] as const);
    return { type: 'object', fields: new Map(fields) };
  }
  return { type: 'map', values: fromJsonSchema(additionalProperties || {}) };
}
