/** Requests have the methods, paths, queries and bodies that Microsoft publishes for Graph and Sentinel. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { COLLECTIONS } from '../../../../src/actions/entra/authentication-methods/methods.js';
import { actions } from '../../../../src/actions/registry.generated.js';
import { DANA, GUEST } from '../../contoso.js';
import { requestsOfApp } from './app-requests.js';
import { check, DIFFERENCES } from './check.js';
import { publishedApisPage, type Sender } from './page.js';
import { requestsIn, requestsOf, searchesOf } from './requests.js';

const ROOT = new URL('../../../../', import.meta.url);
const FIXTURES = ['hijacked-supplier-thread', 'ransomware-on-workstation'];
/** Identifiers of an account by which the directory is searched, or asked whose they are. */
const ACCOUNTS = [
  { upn: 'dana@fabrikam.com' },
  { sid: 'S-1-5-21-1-2-3-1001' },
  { name: 'dana', ntDomain: 'corp.contoso.com' },
  { objectId: DANA, upn: 'lee.andersen@contoso.com' },
  { objectId: DANA, further: [{ id: 'objectGuid', value: GUEST }] },
  { objectId: DANA, further: [{ id: 'displayName', value: 'Lee' }] },
];
const APPS = [{ objectId: '00000000-0000-4000-8000-0000000000b2' }];
const GRAPH = 'https://graph.microsoft.com';
let sent: readonly Sender[];

beforeAll(async () => {
  const named = (name: string) => actions.filter((one) => one.name === name && one.kind === 'response');
  const search = async (name: string, queries: readonly object[]) =>
    Promise.all(named(name).map(async (one) => [name, await searchesOf(one as never, queries)] as const));
  const groups = await Promise.all([
    ...actions.map(async (one) => [[one.name, await requestsOf(one)] as const]),
    search('entra.disable-user', ACCOUNTS),
    search('entra.disable-app', APPS),
    requestsOfApp().then((requests) => [['the app', requests] as const]),
  ]);
  const recordings = FIXTURES.map(
    (name) => ['the app', requestsIn(new URL(`fixtures/${name}/exchanges.har`, ROOT))] as const,
  );
  sent = [...groups.flat(), ...recordings].flatMap(([name, requests]) =>
    requests.map((request) => [name, request] as const),
  );
}, 60_000);

it('have the published shape', () => {
  const problems = sent.flatMap(([sender, request]) => {
    const { operation, problems: found } = check(request) ?? { problems: [] };
    return found.map((problem) => `${operation} (${sender}): ${problem}`);
  });
  expect([...new Set(problems)]).toEqual([]);
});

it('remove each kind of authentication method at a published path', () => {
  const paths = COLLECTIONS.map((one) => `${GRAPH}/v1.0/users/1/authentication/${one}/1`);
  const checked = paths.map((path) => check({ method: 'DELETE', url: new URL(path), body: undefined }));
  expect(checked.flatMap((one) => one?.problems)).toEqual([]);
});

it('show each known difference, as far as they are sent', () => {
  const operations = new Set(sent.map(([, request]) => check(request)?.operation));
  const seen = new Set(sent.flatMap(([, request]) => check(request)?.differences ?? []));
  const expected = DIFFERENCES.filter(({ operation }) => operations.has(operation));
  expect(expected.filter((one) => !seen.has(one))).toEqual([]);
});

/** Paths in a source that no request has. A value is a segment, except an ARM id, which is several. */
function unsentPathsIn(source: string): string[] {
  const found = source.matchAll(/\bpath`((?:\/v1\.0\/|(?=[^`]*api-version=))[^`?]*)/g);
  const paths = [...found].map(([, path = '']) => path);
  const texts = sent.map(([, { url, body }]) => `${url.pathname}\n${JSON.stringify(body)}`);
  return paths.filter((path) => {
    const value = path.startsWith('/v1.0/') ? '[^/]+' : '.+';
    const pattern = path.replace(/[.$](?!\{)/g, '\\$&').replace(/\$\{[^}]*\}/g, value);
    // The end of a path, or of an address in a body.
    return !texts.some((text) => new RegExp(`${pattern}(\n|")`).test(text));
  });
}

it('are sent for each path in the sources', () => {
  const src = new URL('src/', ROOT);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const unsent = files
    .filter((file) => !/[\\/]new[\\/]templates[\\/]/.test(file))
    .map(
      (file) =>
        [file, unsentPathsIn(readFileSync(new URL(file.replaceAll('\\', '/'), src), 'utf8'))] as const,
    );
  expect(unsent.filter(([, paths]) => paths.length > 0)).toEqual([]);
  const planted = 'path`/v1.0/users/$_/photo?$select=id`; path`$_/bookmarks?api-version=$_`'.replaceAll(
    '_',
    '{id}',
  );
  expect(unsentPathsIn(planted)).toHaveLength(2);
});

it('are listed in docs/reference/published-apis.md; otherwise run npm run published', async () => {
  await expect(publishedApisPage(sent)).toMatchFileSnapshot('../../../../docs/reference/published-apis.md');
});

const ARM =
  'https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/providers/Microsoft.SecurityInsights/Incidents';
const V = '?api-version=2025-09-01';
const incident = (more: object) => ({
  properties: { title: 't', severity: 'High', status: 'Active', ...more },
});

describe('a planted fault is found', () => {
  it.each<[method: string, address: string, body: unknown, problem: string]>([
    ['POST', `${GRAPH}/v1.0/users/1`, {}, 'no POST of users/{id}'],
    [
      'GET',
      `${GRAPH}/v1.0/users/1/revokeSignInSessions`,
      undefined,
      'no GET of users/{id}/revokeSignInSessions',
    ],
    ['GET', `${GRAPH}/v1.0/users/1/managers`, undefined, 'there is no users/{id}/managers'],
    ['GET', `${GRAPH}/v1.0/riskyUsers/1`, undefined, 'there is no riskyUsers'],
    ['GET', `${GRAPH}/beta/users/1`, undefined, 'beta is not checked'],
    [
      'GET',
      `${GRAPH}/v1.0/users/1/memberOf/microsoft.graph.alert`,
      undefined,
      'there is no users/{id}/memberOf/microsoft.graph.alert',
    ],
    ['GET', `${GRAPH}/v1.0/users/1?$select=id,upn`, undefined, '$select: microsoft.graph.user has no upn'],
    ['GET', `${GRAPH}/v1.0/users/1?$filter=id eq '1'`, undefined, '$filter of one record'],
    [
      'GET',
      `${GRAPH}/v1.0/users?$filter=enabled eq true`,
      undefined,
      '$filter: microsoft.graph.user has no enabled',
    ],
    [
      'GET',
      `${GRAPH}/v1.0/security/incidents?$filter=status eq 'open'`,
      undefined,
      '$filter: status is never open',
    ],
    [
      'GET',
      `${GRAPH}/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t:t/key eq '1')`,
      undefined,
      '$filter: microsoft.graph.targetResource has no key',
    ],
    [
      'GET',
      `${GRAPH}/v1.0/users/1?$expand=boss`,
      undefined,
      '$expand: microsoft.graph.user has no navigation boss',
    ],
    [
      'GET',
      `${GRAPH}/v1.0/users/1?$expand=manager($select=upn)`,
      undefined,
      '$select: microsoft.graph.directoryObject has no upn',
    ],
    ['GET', `${GRAPH}/v1.0/users?$sort=id`, undefined, 'no query option $sort'],
    ['PATCH', `${GRAPH}/v1.0/users/1`, { enabled: false }, 'the body cannot have enabled'],
    [
      'PATCH',
      `${GRAPH}/v1.0/users/1`,
      { accountEnabled: 'no' },
      'the body.accountEnabled is not Edm.Boolean',
    ],
    ['PATCH', `${GRAPH}/v1.0/security/incidents/1`, { status: 'closed' }, 'the body.status is never closed'],
    [
      'POST',
      `${GRAPH}/v1.0/security/incidents/1/comments`,
      { '@odata.type': 'microsoft.graph.security.alert' },
      'the body is microsoft.graph.security.alert, which is no microsoft.graph.security.alertComment',
    ],
    ['POST', `${GRAPH}/v1.0/identityProtection/riskyUsers/dismiss`, { ids: [] }, 'the body lacks userIds'],
    [
      'POST',
      `${GRAPH}/v1.0/identityProtection/riskyUsers/dismiss`,
      { userIds: '1' },
      'the body.userIds is not a list',
    ],
    [
      'POST',
      `${GRAPH}/v1.0/groups/1/members/$ref`,
      { '@odata.id': `${GRAPH}/v1.0/directory/1` },
      `${GRAPH}/v1.0/directory/1 is no microsoft.graph.directoryObject`,
    ],
    [
      'PATCH',
      `${ARM}/1${V}`,
      incident({}),
      'no PATCH of …/Microsoft.SecurityInsights/incidents/{incidentId}',
    ],
    ['GET', `${ARM}/1?api-version=2020-01-01`, undefined, 'version 2020-01-01 is not published'],
    ['GET', `${ARM}${V}&$select=id`, undefined, 'no query option $select'],
    [
      'GET',
      `${ARM}${V}&$orderby=properties/number`,
      undefined,
      '$orderby: Incident has no properties/number',
    ],
    [
      'PUT',
      `${ARM}/1${V}`,
      { properties: { title: 't', status: 'New' } },
      'the body.properties lacks severity',
    ],
    ['PUT', `${ARM}/1${V}`, incident({ status: 'Open' }), 'the body.properties.status is never Open'],
    [
      'PUT',
      `${ARM}/1${V}`,
      incident({ incidentNumber: 1 }),
      'the body.properties: incidentNumber is read-only',
    ],
    [
      'PUT',
      `${ARM}/1${V}`,
      incident({ labels: [{ name: 'x' }] }),
      'the body.properties.labels[0] cannot have name',
    ],
    ['PUT', `${ARM}/1/comments/2${V}`, undefined, 'no body'],
    ['POST', `${ARM}/1/alerts${V}`, { alerts: [] }, 'a body'],
  ])('%s %s %o', (method, address, body, problem) => {
    expect(check({ method, url: new URL(address), body })?.problems).toContain(problem);
  });
});
