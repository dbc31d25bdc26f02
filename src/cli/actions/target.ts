/** What the command line gives as the target of an action: the query for its record, or the input. */
import type { Enrichment, Response } from '../../actions/define.js';
import { type Field, fieldsOf, inputOf } from '../../actions/reference.js';
import { CliError } from '../problem.js';

/** Which property a value without a name is, in this order; the first one that the action has. */
const SHAPES: readonly (readonly [name: string, shape: RegExp])[] = [
  ['hashes', /^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i],
  ['mdeId', /^[0-9a-f]{40}$/i],
  ['objectId', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ['upn', /@/],
  ['fqdn', /\./],
  ['hostName', /^[\w-]+$/],
  ['address', /[.:]/],
];
const ALGORITHMS: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/**
 * The query for the record of an entity, or the input of an action on the incident, checked against its schema.
 * @throws CliError `target-missing`, `target-invalid`.
 */
export function targetOf(action: Enrichment | Response, texts: readonly string[]): unknown {
  const isResponse = action.kind === 'response';
  const schema = isResponse ? (action.target?.resolver.query ?? inputOf(action)) : action.resolver.query;
  const fields = fieldsOf(schema);
  const names = `Its properties: ${fields.map(({ name, optional }) => `${name}${optional ? '?' : ''}`).join(', ')}.`;
  if (texts.length === 0) throw new CliError('target-missing', `${action.name} needs a --target.`, names);
  const given = texts.map((text) => property(fields, text) ?? invalid(text, names));
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the target';
  throw new CliError('target-invalid', `${place}: ${issue?.message ?? 'not as declared'}`, names);
}

function property(fields: readonly Field[], text: string): [name: string, value: unknown] | undefined {
  const [, named = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  const field = fields.find(({ name }) => name === named);
  if (field !== undefined) return [named, field.type === 'string' ? value : jsonOf(value)];
  const [name] =
    SHAPES.find(([known, shape]) => shape.test(text) && fields.some((one) => one.name === known)) ?? [];
  if (name === undefined) return undefined;
  if (name !== 'hashes') return [name, text];
  return [name, [{ algorithm: ALGORITHMS[text.length], value: text.toLowerCase() }]];
}

/** A value that is no JSON is a text; the schema decides. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function invalid(text: string, names: string): never {
  throw new CliError(
    'target-invalid',
    `"${text}" is not NAME=VALUE, and its shape is none of an identifier.`,
    names,
  );
}
