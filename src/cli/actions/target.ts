/** What the command line gives as the target of an action: the query for its record, or the input. */
import type { Enrichment, IncidentRef, Response } from '../../actions/define.js';
import { type Field, fieldsOf, inputOf } from '../../actions/reference.js';
import { incidentSubject } from '../../domain/subject.js';
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
  const names = `Its properties: ${namesOf(fields)}.`;
  if (texts.length === 0) throw new CliError('target-missing', `${action.name} needs a --target.`, names);
  const given = texts.map((text) => property(fields, text) ?? invalid(text, names));
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the target';
  throw new CliError('target-invalid', `${place}: ${issue?.message ?? 'not as declared'}`, names);
}

/** The query for the incident itself. @throws CliError with the code of the refusal: another service owns it. */
export function queryOfIncident({ target }: Response, incident: IncidentRef): unknown {
  const found = target?.resolver.identify(incidentSubject(incident));
  if (found === undefined || found.ok) return found?.input;
  throw new CliError(found.code, found.reason, 'Choose another incident with --fixture.');
}

/** What a rule of a playbook would choose in its `with`. @throws CliError `settings-invalid`. */
export function settingsOf(action: Enrichment | Response, texts: readonly string[]): unknown {
  const settings = action.kind === 'response' ? action.settings : undefined;
  if (settings === undefined) {
    if (texts.length === 0) return undefined;
    throw new CliError('settings-invalid', `${action.name} has no settings.`, 'Leave --with out.');
  }
  const fields = fieldsOf(settings.schema);
  const names = `Its settings: ${namesOf(fields)}. Give each by --with NAME=VALUE.`;
  const given = texts.map((text) => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    const field = fields.find((one) => one.name === name);
    if (field === undefined) throw new CliError('settings-invalid', `"${text}" sets none of them.`, names);
    return [name, field.type === 'string' ? value : jsonOf(value)];
  });
  const parsed = settings.schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the settings';
  throw new CliError('settings-invalid', `${place}: ${issue?.message ?? 'not as declared'}`, names);
}

const namesOf = (fields: readonly Field[]): string =>
  fields.map(({ name, optional }) => `${name}${optional ? '?' : ''}`).join(', ');

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
