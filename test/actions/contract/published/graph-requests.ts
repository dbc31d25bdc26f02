/** Checks a request to Microsoft Graph v1.0 against its published metadata. */
import { isObject, objectProblems, valueProblems } from './body.js';
import { type Bound, graph, itemOf, Types } from './facts.js';
import { queryProblems } from './query.js';
import type { Checked, SentRequest } from './sent-request.js';

const types = new Types(graph);

/** Where a path leads. */
type Place =
  | { readonly kind: 'record' | 'list' | 'value' | 'values'; readonly type: string }
  | { readonly kind: 'bound'; readonly operation: Bound }
  | { readonly kind: 'list-reference' | 'reference'; readonly type: string };
const METHODS: Readonly<Record<Exclude<Place['kind'], 'bound'>, readonly string[]>> = {
  record: ['GET', 'PATCH', 'DELETE'],
  list: ['GET', 'POST'],
  value: ['GET', 'PATCH'],
  values: ['GET', 'POST'],
  'list-reference': ['POST', 'GET'],
  reference: ['PUT', 'GET', 'DELETE'],
};

export function checkGraphRequest({ method, url, body }: SentRequest): Checked {
  const [version, ...segments] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const [place, template] = follow(segments);
  const operation = `${method} /${version}/${template}`;
  if (version !== 'v1.0') return { operation, parts: [], problems: [`${version} is not checked`] };
  if (place === undefined) return { operation, parts: [], problems: [`there is no ${template}`] };
  if (!methodsOf(place).includes(method))
    return { operation, parts: [], problems: [`no ${method} of ${template}`] };
  const query = [...url.searchParams];
  const problems = [...problemsOfQuery(place, method, query), ...problemsOfBody(place, method, body)];
  const parts = ['path', ...(query.length > 0 ? ['query'] : []), ...(body === undefined ? [] : ['body'])];
  return { operation, parts, problems };
}

/** @returns the place, undefined if there is none, and the path with `{id}` for each key. */
function follow(segments: readonly string[]): [Place | undefined, string] {
  const [root = '', ...rest] = segments;
  let place = placeOf(graph.roots[root], true);
  const template = [root];
  for (const segment of place === undefined ? [] : rest) {
    const next: Place | undefined = place && step(place, segment);
    template.push(place?.kind === 'list' && next?.kind === 'record' ? '{id}' : segment);
    place = next;
    if (place === undefined) break;
  }
  return [place, template.join('/')];
}

function placeOf(type: string | undefined, isEntity: boolean): Place | undefined {
  if (type === undefined) return undefined;
  const isList = type !== itemOf(type);
  const kind = isEntity ? (isList ? 'list' : 'record') : isList ? 'values' : 'value';
  return { kind, type: itemOf(type) };
}

function step(place: Place, segment: string): Place | undefined {
  if (place.kind === 'bound' || place.kind === 'reference' || place.kind === 'list-reference')
    return undefined;
  const { kind, type } = place;
  if (kind === 'values') return undefined;
  if (segment === '$ref') return { kind: kind === 'list' ? 'list-reference' : 'reference', type };
  if (segment === '$count' && kind === 'list') return { kind: 'value', type: 'Edm.Int32' };
  if (graph.types[segment] !== undefined)
    return types.lineage(segment).includes(type) ? { kind, type: segment } : undefined;
  const on = types.lineage(type).map((one) => (kind === 'list' ? `Collection(${one})` : one));
  const name = segment.replace(/^microsoft\.graph\./, '');
  const operation = graph.operations.find((one) => on.includes(one.on) && one.name === name);
  if (operation !== undefined) return { kind: 'bound', operation };
  if (segment.startsWith('microsoft.graph.')) return undefined;
  if (kind === 'list') return { kind: 'record', type };
  const member = types.member(type, segment);
  return placeOf(member?.type, member?.kind === 'navigation');
}

function methodsOf(place: Place): readonly string[] {
  if (place.kind === 'bound') return place.operation.kind === 'action' ? ['POST'] : ['GET'];
  return METHODS[place.kind];
}

function problemsOfQuery(place: Place, method: string, query: readonly [string, string][]): string[] {
  if (query.length === 0) return [];
  if (method !== 'GET' || place.kind === 'bound') return [`a query of ${method}`];
  return queryProblems(types, place.type, place.kind === 'list' || place.kind === 'values', query);
}

function problemsOfBody(place: Place, method: string, body: unknown): string[] {
  if (place.kind === 'bound') {
    const { parameters, required } = place.operation;
    const memberOf = (name: string) => {
      const type = parameters[name];
      return type === undefined ? undefined : { kind: 'property' as const, type, readOnly: false };
    };
    if (!isObject(body ?? {})) return ['the body is not an object'];
    return objectProblems(
      types,
      memberOf,
      required,
      (body ?? {}) as Readonly<Record<string, unknown>>,
      'the body',
    );
  }
  if (method === 'GET' || method === 'DELETE') return body === undefined ? [] : [`a body of ${method}`];
  if (body === undefined) return [`no body of ${method}`];
  if (place.kind === 'reference' || place.kind === 'list-reference')
    return referenceProblems(place.type, body);
  return valueProblems(types, place.type, body, 'the body');
}

/** The body of a reference is the address of a record of the type that the navigation leads to. */
function referenceProblems(type: string, body: unknown): string[] {
  const address = isObject(body) && Object.keys(body).length === 1 ? body['@odata.id'] : undefined;
  if (typeof address !== 'string' || !URL.canParse(address)) return ['the body is not one @odata.id'];
  const [, ...segments] = new URL(address).pathname.slice(1).split('/');
  const [place] = follow(segments);
  const isRecord = place?.kind === 'record' && types.lineage(place.type).includes(type);
  return isRecord ? [] : [`${address} is no ${type}`];
}
