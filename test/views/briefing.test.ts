import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { enrichments } from '../../src/actions/registry.generated.js';
import { found } from '../../src/domain/found-by.js';
import { briefing } from '../../src/views/index.js';
import { labelOf, pathLabel } from '../../src/views/words/labels.js';
import { ago, between, duration, readable, timeLeft } from '../../src/views/words/time.js';
import { REQUEST, STATES, VIEW } from './card/states.js';

describe('the view model', () => {
  it('groups the timeline by day, with the period since the receipt', () => {
    const entries = [
      { at: '2026-03-10T23:59:00.000Z', stage: 'reading' as const, text: 'Received.' },
      {
        at: '2026-03-11T00:03:10.250Z',
        stage: 'deciding' as const,
        text: 'Waits until 2026-03-11T04:03:10.250Z.',
      },
    ];
    const { timeline } = briefing({ ...VIEW, receivedAt: '2026-03-10T23:59:00.000Z', timeline: entries });
    expect(timeline).toEqual([
      {
        date: '2026-03-10',
        entries: [{ at: entries[0]?.at, time: '23:59:00', after: undefined, text: 'Received.' }],
      },
      {
        date: '2026-03-11',
        entries: [
          {
            at: entries[1]?.at,
            time: '00:03:10',
            after: '4 min 10 s',
            text: 'Waits until 2026-03-11 04:03:10 UTC.',
          },
        ],
      },
    ]);
  });

  it('says how long the incident took, at the end only', () => {
    const endedAt = new Date(Date.parse(VIEW.receivedAt) + 555_000).toISOString();
    expect(briefing(VIEW).took).toBeUndefined();
    expect(briefing({ ...VIEW, stage: 'ended', endedAt }).took).toBe('9 min 15 s');
  });

  it('is the same with and without the values of the findings, apart from the evidence', () => {
    const finding = {
      status: 'ok' as const,
      action: 'defender.device',
      as: 'device',
      entityKey: 'host:1',
      target: 'ws-1',
      durationMs: 1,
      record: { kind: 'defender.machine' as const, id: '1', name: 'ws-1', ...found('defender-id') },
    };
    const output = { riskScore: 'High' };
    const { evidence, ...full } = briefing({ ...VIEW, findings: [{ ...finding, output }] });
    const { evidence: none, ...brief } = briefing({ ...VIEW, findings: [finding] });
    expect(full).toEqual(brief);
    expect([evidence.length, none.length]).toEqual([1, 0]);
    expect(evidence[0]?.values).toEqual(['Risk score: High']);
  });

  it('lists manual actions whatever the state of the request', () => {
    const refused = VIEW.plan?.refused.map(({ title }) => title);
    expect(refused?.length).toBeGreaterThan(0);
    for (const [name, { view }] of Object.entries(STATES)) {
      if (name === 'hostile') continue;
      expect(briefing(view).manualActions.map(({ title }) => title)).toEqual(refused);
    }
  });
});

describe('the default selection', () => {
  const preselected = (changes: Partial<typeof REQUEST>) => {
    const request = { ...REQUEST, votes: [], ...changes };
    return briefing({ ...VIEW, approvals: [request] }).requests[0]?.preselected;
  };
  const [isolate = '', revoke = ''] = REQUEST.stepIds;

  it('of a request has neither irreversible nor destructive steps', () => {
    expect(preselected({})).toEqual([isolate]);
    expect(preselected({ stepIds: [revoke] })).toEqual([]);
  });

  it('of an undo is its only step', () => {
    expect(preselected({ purpose: 'undo', stepIds: [revoke] })).toEqual([revoke]);
    expect(preselected({ purpose: 'undo', stepIds: [isolate, revoke] })).toEqual([]);
  });
});

describe('a label', () => {
  const fields = enrichments.flatMap(({ output }) => Object.keys((output as z.ZodObject).shape));

  it('of a declared field has no acronym in lower case', () => {
    expect(fields.length).toBeGreaterThan(20);
    for (const field of fields) {
      expect(labelOf(field), field).toMatch(/^[A-Z]/);
      expect(labelOf(field), field).not.toMatch(/\b(?:upn|dns|id|ip|asn|aad|rbac|os|url)\b/);
      expect(labelOf(field), field).not.toMatch(/\b(?:Upn|Dns|Id|Ip|Asn|Aad|Rbac|Os|Url)\b/);
    }
  });

  it.each([
    ['upn', 'UPN'],
    ['computerDnsName', 'DNS name'],
    ['everAtRisk', 'Was at risk before'],
    ['lastIpAddress', 'Last IP address'],
    ['riskScore', 'Risk score'],
  ])('of %s is %s', (field, label) => expect(labelOf(field)).toBe(label));

  it.each([
    ['device.riskScore', 'Device risk score'],
    ['risk.riskLevel', 'Risk level'],
    ['user.upn', 'User UPN'],
    ['device.aadDeviceId', 'Device Entra device ID'],
  ])('of the value %s is %s', (path, label) => expect(pathLabel(path)).toBe(label));
});

describe('a period', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1500, '1.5 s'],
    [42_000, '42 s'],
    [250_000, '4 min 10 s'],
    [4 * 3_600_000 - 60_000, '3 h 59 min'],
    [4 * 3_600_000, '4 h'],
    [75 * 3_600_000, '3 d 3 h'],
  ])('of %i ms reads %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('between, left and past', () => {
    const [from, to] = ['2026-03-10T08:00:00.000Z', '2026-03-10T08:04:10.400Z'];
    expect(between(from, to)).toBe('4 min 10 s');
    expect(between(undefined, to)).toBeUndefined();
    expect(timeLeft(to, Date.parse(from))).toBe('4 min 10 s left');
    expect(timeLeft(from, Date.parse(to))).toBe('expired');
    expect(ago(from, Date.parse(to))).toBe('4 min 10 s ago');
    expect(ago(to, Date.parse(to))).toBe('just now');
  });
});

it.each([
  ['until 2026-11-29T06:43:16.273Z', 'until 2026-11-29 06:43:16 UTC'],
  ['at 2026-11-29T06:43:00.000Z.', 'at 2026-11-29 06:43 UTC.'],
  ['2026-11-29T06:43Z', '2026-11-29 06:43 UTC'],
  ['id 2026-11-29', 'id 2026-11-29'],
])('%j reads %j', (text, shown) => expect(readable(text)).toBe(shown));
