/** Whether the body of a request has the published shape. */
import { itemOf, type Member, type Types } from './facts.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SIMPLE: Readonly<Record<string, (value: unknown) => boolean>> = {
  'Edm.String': (value) => typeof value === 'string',
  'Edm.Boolean': (value) => typeof value === 'boolean',
  'Edm.Int32': Number.isInteger,
  'Edm.Int64': Number.isInteger,
  'Edm.Guid': (value) => typeof value === 'string' && GUID.test(value),
  'Edm.DateTimeOffset': (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

/** @param type of the value; null is allowed, because the facts do not say where it is not. */
export function valueProblems(types: Types, type: string, value: unknown, at: string): string[] {
  if (value === null) return [];
  if (type !== itemOf(type)) {
    if (!Array.isArray(value)) return [`${at} is not a list`];
    return value.flatMap((one, i) => valueProblems(types, itemOf(type), one, `${at}[${i}]`));
  }
  const members = types.enumOf(type);
  if (members !== undefined)
    return members.includes(String(value)) ? [] : [`${at} is never ${String(value)}`];
  const isValid = SIMPLE[type];
  if (isValid !== undefined) return isValid(value) ? [] : [`${at} is not ${type}`];
  if (!isObject(value)) return [`${at} is not an object`];
  const derived = String(value['@odata.type'] ?? type).replace(/^#/, '');
  if (!types.lineage(derived).includes(type)) return [`${at} is ${derived}, which is no ${type}`];
  const required = types.lineage(derived).flatMap((one) => types.definition(one).required);
  return objectProblems(types, (name) => types.member(derived, name), required, value, at);
}

/** @param memberOf what the object may have, by name. */
export function objectProblems(
  types: Types,
  memberOf: (name: string) => Pick<Member, 'kind' | 'type' | 'readOnly'> | undefined,
  required: readonly string[],
  value: Readonly<Record<string, unknown>>,
  at: string,
): string[] {
  const missing = required.filter((name) => value[name] === undefined).map((name) => `${at} lacks ${name}`);
  const problems = Object.entries(value).flatMap(([name, part]) => {
    if (name === '@odata.type') return [];
    const [bound, suffix] = name.split('@odata.');
    const found = memberOf(bound ?? name);
    if (suffix !== undefined) {
      return suffix === 'bind' && found?.kind === 'navigation' ? [] : [`${at} cannot have ${name}`];
    }
    if (found === undefined) return [`${at} cannot have ${name}`];
    return found.readOnly
      ? [`${at}: ${name} is read-only`]
      : valueProblems(types, found.type, part, `${at}.${name}`);
  });
  return [...missing, ...problems];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
