/** What Defender knows of a device's users and updates, and of addresses and domains in the organisation. */
import { expect, it } from 'vitest';
import addressPrevalence from '../../src/actions/defender/address-prevalence.js';
import domainPrevalence from '../../src/actions/defender/domain-prevalence.js';
import loggedOnUsers from '../../src/actions/defender/logged-on-users.js';
import missingUpdates from '../../src/actions/defender/missing-updates.js';
import type { Enrichment } from '../../src/actions/define.js';
import { runEnrichment } from '../../src/actions/run.js';
import { type Contoso, DEFENDER, MACHINE, withContoso } from './contoso.js';

const DEVICE = { mdeId: MACHINE };

async function found(action: unknown, query: unknown, contoso: Contoso): Promise<unknown> {
  const { name } = action as Enrichment;
  const result = await runEnrichment(action as Enrichment, query, contoso.context(name, 'target'));
  return result.ok ? result.value : result.error.code;
}

it('lists who signed in to a device, the last one first, and counts administrators', () =>
  withContoso([], async (contoso) => {
    expect(await found(loggedOnUsers, DEVICE, contoso)).toEqual({
      machineId: MACHINE,
      total: 2,
      domainAdmins: 1,
      networkOnly: 0,
      accounts: ['contoso\\dana.ortiz', 'contoso\\lee.andersen'],
      complete: true,
    });
  }));

it('does not count what Defender does not say', () =>
  withContoso([], async (contoso) => {
    contoso.change((state) => {
      for (const machine of state.machines) machine.logonUsers = [{ id: 'contoso\\dana.ortiz' }];
    });
    const finding = await found(loggedOnUsers, DEVICE, contoso);
    expect(finding).toMatchObject({ total: 1, complete: true });
    expect(finding).not.toMatchObject({ domainAdmins: expect.anything() });
    expect(finding).not.toMatchObject({ networkOnly: expect.anything() });
  }));

it('knows no numbers of a cut list but lower bounds', () =>
  withContoso([], async (contoso) => {
    for (const path of [/logonusers$/, /getmissingkbs$/])
      contoso.simulator.addFault({ host: DEFENDER, path, times: 1, answer: { kind: 'part' } });
    expect(await found(loggedOnUsers, DEVICE, contoso)).toEqual({
      machineId: MACHINE,
      total: 1,
      accounts: ['contoso\\dana.ortiz'],
      complete: false,
    });
    expect(await found(missingUpdates, DEVICE, contoso)).toMatchObject({ total: 1, complete: false });
  }));

it('lists the updates that a device lacks, the one that fixes most first', () =>
  withContoso([], async (contoso) => {
    expect(await found(missingUpdates, DEVICE, contoso)).toEqual({
      machineId: MACHINE,
      total: 2,
      mostAddressed: 97,
      updates: ['KB5000002 March 2026 Security Updates', 'KB5000001 February 2026 Security Updates'],
      complete: true,
    });
  }));

it('counts the devices that connected to an address or a domain; none is zero', () =>
  withContoso([], async (contoso) => {
    const seen = {
      organizationPrevalence: 2,
      organizationFirstSeen: '2026-03-08T10:00:00Z',
      organizationLastSeen: '2026-03-10T08:00:00Z',
    };
    expect(await found(addressPrevalence, { address: '203.0.113.77' }, contoso)).toEqual({
      address: '203.0.113.77',
      ...seen,
    });
    expect(await found(addressPrevalence, { address: '2001:db8::7' }, contoso)).toEqual({
      address: '2001:db8::7',
      organizationPrevalence: 0,
    });
    expect(await found(domainPrevalence, { text: 'Evil.Fabrikam.com.' }, contoso)).toEqual({
      domain: 'evil.fabrikam.com',
      ...seen,
    });
    expect(await found(domainPrevalence, { text: 'quiet.fabrikam.com' }, contoso)).toEqual({
      domain: 'quiet.fabrikam.com',
      organizationPrevalence: 0,
    });
  }));

it('does not take the prevalence of something else for it', () =>
  withContoso([], async (contoso) => {
    contoso.change((state) => {
      for (const one of state.prevalence)
        Object.assign(one, { ipAddress: '203.0.113.78', host: 'fabrikam.com' });
    });
    expect(await found(addressPrevalence, { address: '203.0.113.77' }, contoso)).toBe('bad-answer');
    expect(await found(domainPrevalence, { text: 'evil.fabrikam.com' }, contoso)).toBe('bad-answer');
  }));
