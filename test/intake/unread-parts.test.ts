/** What could not be read of an incident is shown, in words and within bounds. */
import { expect, it } from 'vitest';
import { unreadParts } from '../../src/domain/unread-parts.js';
import { normaliseIncident } from '../../src/intake/index.js';

const ID =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights' +
  '/workspaces/law-soc/providers/Microsoft.SecurityInsights/Incidents/00000000-0000-4000-8000-000000002001';
const unread = (entities: unknown[], alerts: unknown[] = [], severity = 'High') =>
  unreadParts(
    normaliseIncident({ incident: { id: ID, properties: { severity, status: 'New' } }, alerts, entities }),
  ).map((finding) => finding.status === 'failed' && `${finding.target}: ${finding.error.message}`);
const ip = (address: string, i = 0) => ({ name: `ip${i}`, kind: 'Ip', properties: { address } });

it('names each entity that has no identifier', () => {
  const host = { name: 'h', kind: 'Host', properties: { friendlyName: 'a printer' } };
  expect(unread([ip('203.0.113.7:http'), host])).toEqual([
    'a printer: the host has no identifier; it was not looked up.',
    '203.0.113.7:http: the text is no IP address, or a network of several; it was not looked up.',
  ]);
});

it('counts what has no name of its own', () => {
  const unknown = { name: 'x', kind: 'Toaster', properties: {} };
  expect(unread([unknown, 7], [8], 'Odd')).toEqual([
    'the incident: alerts in an unreadable form: 1; nothing was done about them.',
    'the incident: entities in an unreadable form: 1; nothing was done about them.',
    'the incident: entities of an unknown kind: 1; nothing was done about them.',
    'the incident: unknown values of the incident: 1; nothing was done about them.',
  ]);
});

it('names at most twenty of thousands', () => {
  const lines = unread(Array.from({ length: 3_000 }, (_, i) => ip(`no address ${i}`, i)));
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe(
    'the incident: more entities without an identifier: 2980; nothing was done about them.',
  );
});

it('is nothing where all was read', () => {
  expect(unread([ip('203.0.113.7')])).toEqual([]);
});
