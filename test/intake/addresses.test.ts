import { describe, expect, it } from 'vitest';
import { normaliseIncident } from '../../src/intake/index.js';

const ID =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights' +
  '/workspaces/law-soc/providers/Microsoft.SecurityInsights/Incidents/00000000-0000-4000-8000-000000002001';
const one = (kind: string, properties: object) =>
  normaliseIncident({
    incident: { id: ID, properties: { severity: 'High', status: 'New' } },
    alerts: [],
    entities: [{ id: '/x/Entities/e0', name: 'e0', kind, properties }],
  }).entities[0];

describe('an address', () => {
  it.each([
    ['203.0.113.77', '203.0.113.77', 'public'],
    ['10.3.2.8', '10.3.2.8', 'private'],
    ['172.31.0.1', '172.31.0.1', 'private'],
    ['192.168.1.1', '192.168.1.1', 'private'],
    ['127.0.0.1', '127.0.0.1', 'other'],
    ['169.254.169.254', '169.254.169.254', 'other'],
    ['100.64.0.1', '100.64.0.1', 'other'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1', 'public'],
    ['[2001:db8::1]', '2001:db8::1', 'public'],
    ['::ffff:203.0.113.77', '203.0.113.77', 'public'],
    ['fe80::1%eth0', 'fe80::1', 'other'],
    ['fd00::1', 'fd00::1', 'private'],
    ['::1', '::1', 'other'],
    ['203.0.113.77:51234', '203.0.113.77', 'public'],
    ['[2001:db8::77]:31290', '2001:db8::77', 'public'],
    ['[2001:db8::77%eth0]:443', '2001:db8::77', 'public'],
    ['203.0.113.78-9999', '203.0.113.78', 'public'],
    ['203.0.113.79%12', '203.0.113.79', 'public'],
    ['203.0.113.79%12:443', '203.0.113.79', 'public'],
    ['203.0.113.81/32', '203.0.113.81', 'public'],
    ['2001:db8::77/128', '2001:db8::77', 'public'],
    ['[2001:db8::77]/128', '2001:db8::77', 'public'],
    ['::ffff:203.0.113.80', '203.0.113.80', 'public'],
    ['[::ffff:203.0.113.80]:443', '203.0.113.80', 'public'],
    ['::ffff:203.0.113.80/128', '203.0.113.80', 'public'],
    ['fe80::1%eth0/128', 'fe80::1', 'other'],
    ['0203.000.113.077', '203.0.113.77', 'public'],
    ['010.003.002.008', '10.3.2.8', 'private'],
    ['203.0.113.77#53', '203.0.113.77', 'public'],
    ['203.0.113.78.443', '203.0.113.78', 'public'],
    ['::ffff:203.0.113.80:443', '203.0.113.80', 'public'],
    ['2001:db8::77-31290', '2001:db8::77', 'public'],
    ['2001:db8::77#53', '2001:db8::77', 'public'],
    ['2001:db8::77.31290', '2001:db8::77', 'public'],
    ['fe80::1%eth0:443', 'fe80::1', 'other'],
    ['203[.]0[.]113[.]77', '203.0.113.77', 'public'],
    ['203.0.113[.]77:443', '203.0.113.77', 'public'],
    ['2001[:]db8[:][:]77', '2001:db8::77', 'public'],
  ])('%s is known by its canonical text', (given, address, scope) => {
    expect(one('Ip', { address: given })).toMatchObject({ kind: 'ip', key: `ip:${address}`, address, scope });
  });

  it.each([
    '',
    '203.0.113',
    '203.0.113.256',
    '0x7f.1',
    '2001:db8::1::2',
    'contoso.com',
    '1.2.3.4/24',
    '2001:db8::/32',
    '203.0.113.7/33',
    '203.0.113.7:port',
    '203.0.113.7:123456',
    '203.0.113.7-203.0.113.9',
    '203.0.113.7,203.0.113.8',
    '0000203.0.113.7',
    '[2001:db8::1',
    '2001:db8::1]:443',
    '203.0.113.7%',
    '203.0.113.7.8.9',
    '2001:db8::1.2.3',
    '2001:db8::1-2001:db8::9',
    '203.0.113.7:70000',
    '٢٠٣.0.113.7',
  ])('%s is none', (address) => {
    expect(one('Ip', { address })).toMatchObject({ kind: 'other' });
  });
});
