/** How the user of an account is found: against the simulated tenant. */
import { describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import disable from '../../src/actions/entra/disable-user.js';
import { enrichments } from '../../src/actions/registry.generated.js';
import { resolveTarget, runEnrichment } from '../../src/actions/run.js';
import type { EntityOf } from '../../src/domain/entities.js';
import { ADMIN, type Contoso, DANA, GUEST, SYNCED, withContoso } from './contoso.js';

const SID = 'S-1-5-21-1000000001-1000000002-1000000003-1142';
const CLOUD_SID = 'S-1-12-1-0-1073741824-128-27262976';
const NOBODY = '00000000-0000-4000-8000-00000000ffff';
const bare: EntityOf<'account'> = { kind: 'account', key: 'account', display: 'x', identity: 'weak' };
const response = disable as Response;

function known(contoso: Contoso): void {
  contoso.change(({ users }) => {
    Object.assign(users[0] ?? {}, { onPremisesSecurityIdentifier: SID, mail: 'd.ortiz@contoso.com' });
    Object.assign(users[3] ?? {}, {
      onPremisesSamAccountName: 'shybrid',
      onPremisesDomainName: 'corp.contoso.com',
      onPremisesSecurityIdentifier: `${SID}0`,
    });
  });
}
async function find(ids: object, change: (contoso: Contoso) => void = () => {}): Promise<unknown> {
  const results: unknown[] = [];
  await withContoso([], async (contoso) => {
    known(contoso);
    change(contoso);
    const query = response.target?.resolver.identify({ ...bare, ...ids });
    if (query?.ok !== true) return void results.push(query);
    const found = await resolveTarget(response, query.input, contoso.context(disable.name, 'target'));
    results.push(found.ok ? found.value : found);
    expect(contoso.simulator.calls().filter(({ status }) => status === 400)).toEqual([]);
  });
  return results[0];
}
const candidate = (id: string, foundBy: string, ...words: string[]) => ({
  ok: false,
  code: 'weak-identity',
  reason: expect.stringMatching(
    new RegExp(['It may be', id, ...words].map((word) => `(?=.*${word})`).join(''), 's'),
  ),
  candidates: [{ kind: 'entra.user', id, foundBy, certainty: 'candidate' }],
});
const refused = (code: string, ...words: string[]) => ({
  ok: false,
  code,
  reason: expect.stringMatching(new RegExp(words.map((word) => `(?=.*${word})`).join(''), 's')),
});

describe.concurrent('the way to a user is recorded with them', () => {
  it.each([
    ['object-id', { objectId: DANA, sid: SID, upn: 'dana.ortiz@contoso.com' }],
    ['cloud-sid', { sid: CLOUD_SID }],
    ['on-premises-sid', { sid: SID.toLowerCase(), name: 'dortiz', ntDomain: 'CORP' }],
    ['upn', { upn: 'Dana.Ortiz@contoso.com' }],
  ])('%s', async (foundBy, ids) => {
    expect(await find(ids)).toMatchObject({ ok: true, record: { id: DANA, foundBy, certainty: 'certain' } });
  });

  it('goes on to the next identifier where the directory does not know one, which is not ignored', async () => {
    expect(await find({ objectId: NOBODY, upn: 'dana.ortiz@contoso.com' })).toMatchObject(
      refused('identifiers-disagree', DANA, NOBODY, 'does not'),
    );
    expect(await find({ objectId: NOBODY, upn: 'no.one@contoso.com' })).toMatchObject(
      refused('not-found', `object id ${NOBODY}`, 'user principal name no.one'),
    );
  });

  it('is no way where two users have the security identifier', async () => {
    const two = (contoso: Contoso) =>
      contoso.change(({ users }) => Object.assign(users[2] ?? {}, { onPremisesSecurityIdentifier: SID }));
    expect(await find({ sid: SID }, two)).toMatchObject(refused('ambiguous-target', DANA, ADMIN));
  });
});

describe.concurrent('a user found by a name that others may have is a candidate', () => {
  it.each([
    ['the NetBIOS name of the domain', { name: 'SHybrid', ntDomain: 'CORP' }, SYNCED, 'nt-name'],
    ['the DNS name of the domain', { name: 'shybrid', ntDomain: 'corp.contoso.com' }, SYNCED, 'nt-name'],
    ['a suffix as NT domain', { name: 'dana.ortiz', ntDomain: 'Contoso.com' }, DANA, 'upn-in-domain-field'],
    ['a mail address', { upn: 'd.ortiz@contoso.com' }, DANA, 'mail-address'],
    ["a guest's address at home", { upn: 'ana@fabrikam.com' }, GUEST, 'mail-address'],
  ])('by %s', async (_by, ids, id, foundBy) => {
    expect(await find(ids)).toMatchObject(candidate(id, foundBy, 'Finance', 'Confirm'));
  });

  it('and is enriched, with the way on which they were found', () =>
    withContoso([], async (contoso) => {
      const user = enrichments.find(({ name }) => name === 'entra.user');
      if (user === undefined) throw new Error('no such enrichment');
      const query = user.resolver.identify({ ...bare, name: 'dana.ortiz', ntDomain: 'contoso.com' } as never);
      if (!query.ok) throw new Error(query.reason);
      expect(await runEnrichment(user, query.input, contoso.context(user.name, 'target'))).toMatchObject({
        value: { upn: 'dana.ortiz@contoso.com', accountEnabled: true },
        record: { id: DANA, foundBy: 'upn-in-domain-field', certainty: 'candidate' },
      });
    }));

  it.each([
    ['a domain of another user', { name: 'shybrid', ntDomain: 'BRANCH' }],
    ['a name that only begins like theirs', { name: 'shybri', ntDomain: 'CORP' }],
    ['a computer as NT domain', { name: 'shybrid', ntDomain: 'WS-FIN-0142' }],
    ['a suffix that no user has', { name: 'dana.ortiz', ntDomain: 'fabrikam.com' }],
  ])('but not by %s', async (_by, ids) => {
    expect(await find(ids)).toMatchObject(refused('not-found', ids.name, ids.ntDomain));
  });

  it('but not where the two meanings of the domain lead to two users', async () => {
    const two = (contoso: Contoso) =>
      contoso.change(({ users }) =>
        Object.assign(users[2] ?? {}, {
          onPremisesSamAccountName: 'dana.ortiz',
          onPremisesDomainName: 'contoso.com',
        }),
      );
    expect(await find({ name: 'dana.ortiz', ntDomain: 'contoso.com' }, two)).toMatchObject(
      refused('ambiguous-target', DANA, ADMIN),
    );
  });

  it('but not where another identifier contradicts it', async () => {
    expect(
      await find({
        name: 'shybrid',
        ntDomain: 'CORP',
        further: [{ id: 'displayName', value: 'lee.andersen' }],
      }),
    ).toMatchObject(refused('identifiers-disagree', SYNCED, ADMIN));
  });

  it('and a bare account name is not searched', async () => {
    expect(await find({ name: 'dana.ortiz' })).toMatchObject(refused('weak-identity'));
  });
});
