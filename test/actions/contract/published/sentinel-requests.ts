/** Checks a request to Microsoft.SecurityInsights in Azure Resource Manager against its published OpenAPI documents. */
import { isObject, valueProblems } from './body.js';
import { sentinel, Types } from './facts.js';
import { queryProblems } from './query.js';
import type { Checked, SentRequest } from './sent-request.js';

const types = new Types(sentinel);
/** What is before an incident in its ARM id. */
const WORKSPACE = /^\/subscriptions\/.*\/providers\/(?=Microsoft\.SecurityInsights)/;

export function checkSentinelRequest({ method, url, body }: SentRequest): Checked {
  const version = url.searchParams.get('api-version');
  const path = decodeURIComponent(url.pathname);
  const found = sentinel.operations.filter((one) => isAt(one.path, path));
  const template = (found[0]?.path ?? path).replace(WORKSPACE, '…/');
  const operation = `${method} ${template}`;
  const failed = (problem: string): Checked => ({ operation, parts: [], problems: [problem] });
  if (found.length === 0) return failed(`there is no ${path}`);
  const own = found.filter((one) => one.method === method);
  if (own.length === 0) return failed(`no ${method} of ${template}`);
  const one = own.find((each) => each.version === version);
  if (one === undefined) return failed(`version ${version} is not published`);
  const query = [...url.searchParams];
  const given = query.map(([name]) => name);
  const problems = [
    ...given.filter((name) => !one.query.includes(name)).map((name) => `no query option ${name}`),
    ...one.required.filter((name) => !given.includes(name)).map((name) => `no ${name}`),
    ...(one.list === undefined ? [] : queryProblems(types, one.list, true, query.filter(isOdata))),
    ...bodyProblems(one.body, body),
  ];
  return { operation: `${operation} (${version})`, parts: partsOf(body), problems };
}

const partsOf = (body: unknown): string[] => ['path', 'query', ...(body === undefined ? [] : ['body'])];
const isOdata = ([name]: readonly [string, string]): boolean => /^\$(filter|orderby)$/.test(name);

/** Azure Resource Manager takes the names of providers and types in any case. */
function isAt(template: string, path: string): boolean {
  const pattern = template.replace(/[.$]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`, 'i').test(path);
}

/** An operation without a body takes an empty object, too. */
function bodyProblems(type: string | undefined, body: unknown): string[] {
  if (type !== undefined)
    return body === undefined ? ['no body'] : valueProblems(types, type, body, 'the body');
  return body === undefined || (isObject(body) && Object.keys(body).length === 0) ? [] : ['a body'];
}
