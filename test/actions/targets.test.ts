import { describe, expect, it } from 'vitest';
import file from '../../src/actions/enrich/defender-file.js';
import user from '../../src/actions/enrich/entra-user.js';
import geo from '../../src/actions/enrich/sentinel-ip-geo.js';
import isolate from '../../src/actions/respond/defender-isolate-device.js';
import disable from '../../src/actions/respond/entra-disable-user.js';
import revoke from '../../src/actions/respond/entra-revoke-sessions.js';
import type { EntityOf } from '../../src/domain/entities.js';
import type { Finding } from '../../src/domain/finding.js';
import { account, DANA, found, host, MACHINE, SHA1, SHA256 } from './contoso.js';

const device = {
  machineId: MACHINE,
  matchedBy: 'mde-id',
  computerDnsName: 'ws-fin-0142',
  onboardingStatus: 'Onboarded',
};
const DEVICE_ID = '00000000-0000-4000-8000-0000000de001';
const dana = { objectId: DANA, upn: 'dana.ortiz@contoso.com', guest: false };
const failed = (action: string, entityKey: string, code: string, message = 'no'): Finding => ({
  status: 'failed',
  action,
  as: action,
  entityKey,
  target: entityKey,
  durationMs: 1,
  error: { code, message, blame: 'service', retry: 'no' },
});

describe('whom a response on a host may touch', () => {
  it('is the one machine that was found', () => {
    expect(isolate.target(host, [found('defender.device', host.key, device)])).toEqual({
      ok: true,
      input: { machineId: MACHINE, device: 'ws-fin-0142' },
    });
  });

  it.each([
    ['nothing was looked up', [], 'target-unknown'],
    ['the look-up failed', [failed('defender.device', host.key, 'forbidden')], 'target-unknown'],
    [
      'two machines have the name',
      [failed('defender.device', host.key, 'ambiguous-device', '2 machines')],
      'ambiguous-target',
    ],
    [
      'the finding is about another host',
      [found('defender.device', 'host:mde:other', device)],
      'target-unknown',
    ],
    [
      'the device is not onboarded',
      [found('defender.device', host.key, { ...device, onboardingStatus: 'CanBeOnboarded' })],
      'unsupported-target',
    ],
    [
      'Defender does not say whether the device is onboarded',
      [found('defender.device', host.key, { ...device, onboardingStatus: undefined })],
      'target-unknown',
    ],
    [
      'the device was found by a bare name, though the host has an id that Defender was not asked by',
      [found('defender.device', host.key, { ...device, matchedBy: 'host-name' })],
      'weak-identity',
    ],
    ['the finding makes no sense', [found('defender.device', host.key, {})], 'target-unknown'],
  ] as const)('is nobody where %s', (_why, findings, code) => {
    expect(isolate.target(host, findings)).toMatchObject({ ok: false, code });
  });
});

describe('a host with an id of its own in Entra', () => {
  const joined = { ...host, aadDeviceId: DEVICE_ID };
  const named = (more: object) => [
    found('defender.device', host.key, { ...device, matchedBy: 'host-name', ...more }),
  ];

  it('is the machine of a bare name where Defender knows it by the same id', () => {
    expect(isolate.target(joined, named({ aadDeviceId: DEVICE_ID.toUpperCase() }))).toMatchObject({
      ok: true,
    });
    expect(isolate.target(joined, named({}))).toMatchObject({ ok: false, code: 'weak-identity' });
  });

  it('is not the machine of its name that has another id', () => {
    const other = { matchedBy: 'fqdn', aadDeviceId: '00000000-0000-4000-8000-0000000de002' };
    expect(isolate.target(joined, named(other))).toMatchObject({ ok: false, code: 'ambiguous-target' });
  });
});

describe('whom a response on an account may touch', () => {
  const weak: EntityOf<'account'> = {
    kind: 'account',
    key: 'account:name:dana',
    display: 'dana',
    identity: 'weak',
    name: 'dana',
  };

  it('is the user that was found', () => {
    expect(disable.target(account, [found('entra.user', account.key, dana)])).toMatchObject({
      ok: true,
      input: { objectId: DANA },
    });
  });

  it.each([
    ['only a bare name is known', weak, [found('entra.user', weak.key, dana)], 'weak-identity'],
    ['the look-up failed', account, [failed('entra.user', account.key, 'not-found')], 'target-unknown'],
    [
      'the directory names somebody else',
      account,
      [found('entra.user', account.key, { ...dana, objectId: '00000000-0000-4000-8000-00000000ffff' })],
      'ambiguous-target',
    ],
  ] as const)('is nobody where %s', (_why, entity, findings, code) => {
    expect(disable.target(entity, findings)).toMatchObject({ ok: false, code });
    expect(revoke.target(entity, findings)).toMatchObject({ ok: false, code });
  });

  it('is not a guest, where sessions are to be revoked', () => {
    const findings = [found('entra.user', account.key, { ...dana, guest: true })];
    expect(revoke.target(account, findings)).toMatchObject({ ok: false, code: 'unsupported-target' });
    expect(disable.target(account, findings)).toMatchObject({ ok: true });
  });
});

describe('what an enrichment may ask about', () => {
  it('is a file by its best hash', () => {
    const finsync = (hashes: EntityOf<'file'>['hashes']): EntityOf<'file'> => ({
      kind: 'file',
      key: 'file',
      display: 'finsync.exe',
      identity: 'strong',
      name: 'finsync.exe',
      hashes,
    });
    const sha1 = { algorithm: 'sha1', value: SHA1 } as const;
    expect(file.target(finsync([sha1, { algorithm: 'sha256', value: SHA256 }]))).toEqual({
      ok: true,
      input: { hash: SHA256 },
    });
    expect(file.target(finsync([sha1]))).toEqual({ ok: true, input: { hash: SHA1 } });
    expect(file.target(finsync([{ algorithm: 'md5', value: 'c0ffee01'.repeat(4) }]))).toMatchObject({
      ok: false,
    });
  });

  it('is an account by object id or UPN, never by a bare name', () => {
    expect(user.target(account)).toEqual({ ok: true, input: { user: DANA } });
    const sid = {
      ...account,
      objectId: undefined,
      upn: undefined,
      sid: 'S-1-5-21-1-2-3-1142',
    } as unknown as typeof account;
    expect(user.target(sid)).toMatchObject({ ok: false, code: 'target-unknown' });
    expect(user.target({ ...sid, identity: 'weak' })).toMatchObject({ ok: false, code: 'weak-identity' });
  });

  it('is a public address only', () => {
    const ip = { kind: 'ip', key: 'ip', display: '', identity: 'strong', address: '10.0.0.1' } as const;
    expect(geo.target({ ...ip, scope: 'private' })).toMatchObject({ ok: false, code: 'unsupported-target' });
    expect(geo.target({ ...ip, scope: 'public' })).toMatchObject({ ok: true });
  });
});
