/** Whether the names in an OData query exist: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html */
import { itemOf, type Member, type Types } from './facts.js';

const OF_LISTS = ['$filter', '$orderby', '$top', '$skip', '$skiptoken', '$count', '$search'];
const OPERATORS = /^(eq|ne|gt|ge|lt|le|and|or|not|in|true|false|null|asc|desc)$/;
const TEXT = /'(?:[^']|'')*'/g;

/** @param type of the record, or of the items of the list. */
export function queryProblems(
  types: Types,
  type: string,
  isList: boolean,
  query: readonly (readonly [string, string])[],
): string[] {
  return query.flatMap(([name, value]) => {
    if (OF_LISTS.includes(name) && !isList) return [`${name} of one record`];
    switch (name) {
      case '$select':
        return value.split(',').flatMap((one) => unknownName(types, type, one.trim(), name));
      case '$expand':
        return splitOutside(value, ',').flatMap((one) => expandProblems(types, type, one.trim()));
      case '$filter':
        return filterProblems(types, type, value);
      case '$orderby':
        return value
          .split(',')
          .flatMap((one) => unknownName(types, type, one.trim().split(' ')[0] ?? '', name));
      default:
        return OF_LISTS.includes(name) ? [] : [`no query option ${name}`];
    }
  });
}

/** The last member of a path such as `properties/title`. */
export function memberAt(types: Types, type: string, at: string): Member | undefined {
  let found: Member | undefined;
  let of = type;
  for (const name of at.split('/')) {
    found = types.member(of, name);
    if (found === undefined) return undefined;
    of = itemOf(found.type);
  }
  return found;
}

function unknownName(types: Types, type: string, at: string, where: string): string[] {
  return memberAt(types, type, at) === undefined ? [`${where}: ${type} has no ${at}`] : [];
}

function expandProblems(types: Types, type: string, text: string): string[] {
  const [, name = '', options] = /^([^(]+)(?:\((.*)\))?$/.exec(text) ?? [];
  const found = types.member(type, name);
  if (found?.kind !== 'navigation') return [`$expand: ${type} has no navigation ${name}`];
  if (options === undefined) return [];
  const query = splitOutside(options, ';').map((one) => {
    const equals = one.indexOf('=');
    return [one.slice(0, equals), one.slice(equals + 1)] as const;
  });
  return queryProblems(types, itemOf(found.type), found.type !== itemOf(found.type), query);
}

function filterProblems(types: Types, type: string, filter: string): string[] {
  const problems: string[] = [];
  for (const [, at = '', value = ''] of filter.matchAll(/([\w/]+) (?:eq|ne) '((?:[^']|'')*)'/g)) {
    const members = types.enumOf(memberAt(types, type, at)?.type ?? '');
    if (members !== undefined && !members.includes(value)) problems.push(`$filter: ${at} is never ${value}`);
  }
  // `list/any(one:one/name eq …)`: the variable is an item of the list.
  const variables = new Map<string, string>();
  const withoutLambdas = filter
    .replace(TEXT, "''")
    .replace(/([\w/]+)\/(?:any|all)\((\w+):/g, (_all, at: string, variable: string) => {
      variables.set(variable, itemOf(memberAt(types, type, at)?.type ?? type));
      return `${at} and (`;
    });
  for (const [at, isCall] of namesIn(withoutLambdas)) {
    const [first = '', ...rest] = at.split('/');
    const variable = variables.get(first);
    if (isCall || OPERATORS.test(at)) continue;
    problems.push(
      ...unknownName(types, variable ?? type, variable === undefined ? at : rest.join('/'), '$filter'),
    );
  }
  return problems;
}

function namesIn(filter: string): [name: string, isCall: boolean][] {
  // Numbers, times and GUIDs without quotation marks begin with a digit, or are a GUID.
  const literals = /(?<![\w/])(?:\d[\w:.+-]*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/gi;
  const named = filter.replace(literals, '').matchAll(/([A-Za-z_][\w/]*)(\(?)/g);
  return [...named].map(([, name = '', open]) => [name, open === '(']);
}

/** Splits at a separator outside parentheses. */
function splitOutside(text: string, separator: ',' | ';'): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    depth += letter === '(' ? 1 : letter === ')' ? -1 : 0;
    if (letter === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
