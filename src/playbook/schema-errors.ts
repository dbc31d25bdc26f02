/** Converts zod's findings about the form of a playbook to problems with places. */
import { z } from 'zod';
import { type PlaybookProblem, problem } from './problems.js';
import { playbookFileSchema } from './schema.js';
import { nearest, suggestion } from './suggest.js';
import type { Path, PlaybookSource } from './yaml-source.js';

/** Every violation of the playbook schema. A key that is missing because it is mistyped is reported once. */
export function schemaProblems(source: PlaybookSource): PlaybookProblem[] {
  const issues = playbookFileSchema.safeParse(source.data).error?.issues ?? [];
  const mistyped = new Set(
    issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? meant(issue) : [])),
  );
  return issues.flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(source, path, key));
    if (!isMissing(source.data, path)) return [invalidValue(source, path, issue)];
    if (mistyped.has(path.join('.'))) return [];
    const message = `the key "${String(path.at(-1))}" is missing`;
    return [problem('missing-key', source.place(path.slice(0, -1)), message, 'add it')];
  });
}

function unknownKey(source: PlaybookSource, path: Path, key: string): PlaybookProblem {
  const message = `there is no key "${key}" here`;
  return problem('unknown-key', source.keyPlace(path, key), message, suggestion(key, keysAt(path)));
}

function invalidValue(source: PlaybookSource, path: Path, issue: z.core.$ZodIssue): PlaybookProblem {
  const value = valueAt(source.data, path);
  const where = path.length === 0 ? 'the playbook' : path.join('.');
  const choices = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  let next: string | undefined;
  if (typeof value === 'string' && choices.length > 0) next = suggestion(value, choices);
  else if (typeof value === 'boolean' && wantsText) next = `write it in quotation marks: "${value}"`;
  const message = issue.message.replace(/^Invalid input: /, '');
  return problem('invalid-value', source.place(path), `${where}: ${message}`, next);
}

/** The paths of the keys that the unknown keys of a mapping probably mean. */
function meant(issue: z.core.$ZodIssueUnrecognizedKeys): string[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  return issue.keys.flatMap((key) => {
    const near = nearest(key, keysAt(path));
    return near === undefined ? [] : [[...path, near].join('.')];
  });
}

/** The keys that a mapping at this path may have. */
function keysAt(path: Path): string[] {
  let schema: z.core.$ZodType | undefined = playbookFileSchema;
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
