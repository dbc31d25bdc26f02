/** Converts zod's findings about the form of a file to problems with places, in our own words. */
import { z } from 'zod';
import { type PlaybookProblem, problem } from './problems.js';
import { nearest, suggestion } from './suggest.js';
import type { Path, YamlSource } from './yaml-source.js';

/**
 * Every violation of a file's schema. A key that is missing because it is mistyped is reported once. `add` is what to do
 * about a missing key.
 */
export function schemaProblems(
  source: YamlSource,
  schema: z.ZodType,
  add: (key: string) => string | undefined = () => undefined,
): PlaybookProblem[] {
  const keysAt = (path: Path) => keysOf(schema, path);
  const all = schema.safeParse(source.data).error?.issues ?? [];
  const ofWrongType = new Set(
    all.flatMap((issue) => (issue.code === 'invalid_type' ? [issue.path.join('.')] : [])),
  );
  // A value of the wrong type has no length and no range.
  const issues = all.filter(
    (issue) => issue.code === 'invalid_type' || !ofWrongType.has(issue.path.join('.')),
  );
  const mistyped = new Set(
    issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? meant(issue, keysAt) : [])),
  );
  return issues.flatMap((issue) => {
    const path = pathOf(issue);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const next = suggestion(key, keysAt(path));
        return problem('unknown-key', source.keyPlace(path, key), `there is no key "${key}" here`, next);
      });
    }
    if (issue.code === 'invalid_key') return [invalidKey(source, path, issue)];
    if (!isMissing(source.data, path)) return [invalidValue(source, path, issue)];
    if (mistyped.has(path.join('.'))) return [];
    const key = String(path.at(-1));
    const message = `the key "${key}" is missing`;
    return [problem('missing-key', source.place(path.slice(0, -1)), message, add(key) ?? 'add it')];
  });
}

const pathOf = (issue: z.core.$ZodIssue): Path => issue.path.filter((step) => typeof step !== 'symbol');

function invalidKey(source: YamlSource, path: Path, issue: z.core.$ZodIssueInvalidKey): PlaybookProblem {
  const key = String(path.at(-1));
  const message = `"${key}" cannot be a name: ${issue.issues[0]?.message ?? 'it has another form'}`;
  return problem('invalid-value', source.keyPlace(path.slice(0, -1), key), message);
}

function invalidValue(source: YamlSource, path: Path, issue: z.core.$ZodIssue): PlaybookProblem {
  const value = valueAt(source.data, path);
  const choices = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  let next: string | undefined;
  if (typeof value === 'string' && choices.length > 0) next = suggestion(value, choices);
  else if (typeof value === 'boolean' && wantsText) next = `write it in quotation marks: "${value}"`;
  const message = `${whereOf(source.data, path)}: ${wordsOf(issue, value)}`;
  return problem('invalid-value', source.place(path), message, next);
}

/** The name of a place: keys, and the items of lists by their own name or, without one, by their number from 1. */
function whereOf(data: unknown, path: Path): string {
  if (path.length === 0) return 'the file';
  const steps = path.map((step, index) => {
    if (typeof step === 'string') return step;
    const { id, as, name } = namesSchema.parse(valueAt(data, path.slice(0, index + 1)));
    return id ?? as ?? name ?? `#${step + 1}`;
  });
  return steps.join('.');
}
const ownName = z
  .string()
  .regex(/^[\w-]{1,64}$/)
  .optional()
  .catch(undefined);
const namesSchema = z.object({ id: ownName, as: ownName, name: ownName }).catch({});

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
};

function wordsOf(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type': {
      if (value === null) return 'it has no value';
      const type = Array.isArray(value) ? 'array' : typeof value;
      return `expected ${TYPES[issue.expected] ?? issue.expected}, not ${TYPES[type] ?? type}`;
    }
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'it is empty';
      return issue.origin === 'array'
        ? `expected at least ${items(issue.minimum)}`
        : `expected ${issue.minimum} or more`;
    case 'too_big':
      if (issue.origin === 'string') return `it is longer than ${issue.maximum} characters`;
      return issue.origin === 'array'
        ? `expected at most ${items(issue.maximum)}`
        : `expected ${issue.maximum} or less`;
    default:
      return issue.message;
  }
}
const items = (count: number | bigint) => `${count} ${Number(count) === 1 ? 'item' : 'items'}`;

/** The paths of the keys that the unknown keys of a mapping probably mean. */
function meant(issue: z.core.$ZodIssueUnrecognizedKeys, keysAt: (path: Path) => string[]): string[] {
  const path = pathOf(issue);
  return issue.keys.flatMap((key) => {
    const near = nearest(key, keysAt(path));
    return near === undefined ? [] : [[...path, near].join('.')];
  });
}

/** The keys that a mapping at this path may have. */
function keysOf(root: z.ZodType, path: Path): string[] {
  let schema: z.core.$ZodType | undefined = root;
  for (const step of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[step];
    else if (schema instanceof z.ZodArray) schema = schema.element;
  }
  schema = unwrapped(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrapped(schema.unwrap()) : schema;
}

const isMissing = (data: unknown, path: Path) => path.length > 0 && valueAt(data, path) === undefined;
function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step];
  return value;
}
