import { describe, expect, it } from 'vitest';
import { type DirectoryUser, isNamed, matchAccount } from '../../src/approvals/index.js';
import { type InvolvedAccount, NO_INVOLVED } from '../../src/domain/involved.js';

const DOMAIN = 'S-1-5-21-1000000001-1000000002-1000000003';
const ROBIN: DirectoryUser = {
  id: '00000000-0000-4000-8000-00000000a102',
  userPrincipalName: 'robin.keller@contoso.com',
  mail: 'Robin.Keller@fabrikam.com',
  mailNickname: 'robin.k',
  securityIdentifier: 'S-1-12-1-11-22-33-44',
  onPremisesUserPrincipalName: 'rkeller@old.contoso.com',
  onPremisesSamAccountName: 'RKeller',
  onPremisesDomainName: 'corp.contoso.com',
  onPremisesSecurityIdentifier: `${DOMAIN}-2001`,
  proxyAddresses: ['SMTP:robin.keller@fabrikam.com', 'smtp:r.keller@contoso.com'],
  otherMails: ['robin@private.example'],
  displayName: 'Robin Keller',
};
const OTHER = '00000000-0000-4000-8000-00000000a103';

describe('an account of an incident', () => {
  it.each<[InvolvedAccount]>([
    [{ objectId: ROBIN.id.toUpperCase(), name: 'somebody' }],
    [{ upn: 'ROBIN.KELLER@contoso.com' }],
    [{ upn: 'robin.keller@fabrikam.com' }],
    [{ upn: 'r.keller@contoso.com' }],
    [{ upn: 'rkeller@old.contoso.com' }],
    [{ upn: 'rkeller@corp.contoso.com' }],
    [{ sid: `${DOMAIN}-2001`, name: 'somebody' }],
    [{ sid: 's-1-12-1-11-22-33-44' }],
    [{ upn: 'robin@private.example' }],
    // One match is enough, whatever the other identifiers are.
    [{ objectId: OTHER, upn: 'robin.keller@contoso.com', name: 'somebody' }],
    [{ objectId: OTHER, upn: 'sam.okafor@contoso.com', sid: `${DOMAIN}-2001` }],
    [{ objectId: ROBIN.id, upn: 'sam.okafor@contoso.com', sid: `${DOMAIN}-2002` }],
    [{ upn: 'robin@private.example', sid: `${DOMAIN}-2002` }],
  ])('%o is the person', (account) => {
    expect(matchAccount(account, ROBIN)).toBe('same');
  });

  it.each<[InvolvedAccount]>([
    [{ name: 'rkeller' }],
    [{ name: 'ROBIN.K' }],
    [{ name: 'robin.keller' }],
    [{ displayName: 'robin keller' }],
    [{ upn: 'rkeller@elsewhere.contoso.com' }],
    // Of another domain or a machine: it is unknown whether the person has an account there.
    [{ sid: 'S-1-5-21-9-9-9-500', name: 'rkeller' }],
  ])('%o has the name of the person', (account) => {
    expect(matchAccount(account, ROBIN)).toBe('same-name');
  });

  it.each<[InvolvedAccount]>([
    [{}],
    [{ name: '' }],
    [{ objectId: OTHER, upn: 'sam.okafor@contoso.com', name: 'rkeller' }],
    [{ name: 'keller' }],
    [{ upn: 'sam.okafor@contoso.com' }],
    [{ sid: `${DOMAIN}-2002`, name: 'rkeller' }],
    [{ sid: 'S-1-12-1-11-22-33-45', name: 'rkeller' }],
  ])('%o is somebody else', (account) => {
    expect(matchAccount(account, ROBIN)).toBe('other');
  });

  it('does not match a person without known names', () => {
    const nameless: DirectoryUser = {
      id: OTHER,
      userPrincipalName: null,
      mailNickname: '',
      proxyAddresses: null,
    };
    for (const account of [
      {},
      { name: '' },
      { upn: '@contoso.com' },
      { name: 'x', sid: 'S-1-5-21-1-2-3-4' },
    ]) {
      expect(matchAccount(account, nameless)).toBe('other');
    }
  });
});

describe('an incident', () => {
  it.each([
    { objectIds: [OTHER, ROBIN.id] },
    { addresses: ['sam.okafor@contoso.com', 'r.keller@contoso.com'] },
    { addresses: ['robin@private.example'] },
    { sids: ['S-1-5-21-9-9-9-500', `${DOMAIN}-2001`] },
  ])('names the person with %o', (named) => {
    expect(isNamed({ ...NO_INVOLVED, ...named }, ROBIN)).toBe(true);
    expect(isNamed({ ...NO_INVOLVED, ...named }, { id: '00000000-0000-4000-8000-00000000a105' })).toBe(false);
  });
});
