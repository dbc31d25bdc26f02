import { describe, expect, it } from 'vitest';
import { approvalLines, auditLines, queueLines } from '../../src/cli/approvals/lines.js';
import type { Approval } from '../../src/cli/approvals-api.js';
import { resultLines } from '../../src/cli/result-lines.js';
import type { CaseFile, Effect } from '../../src/domain/case-file.js';
import { NOW, REQUEST, STATES, VIEW } from '../views/card/states.js';

const paint = (_style: string, text: string) => text;
const resultOf = (changes: Partial<CaseFile>) =>
  resultLines({ ...(VIEW as CaseFile), timeline: [], ...changes }, undefined, { paint }).join('\n');
const [step] = VIEW.plan?.steps ?? [];
const ISOLATED: Effect = {
  stepId: step?.id ?? '',
  action: 'defender.isolate-device',
  target: 'ws-fin-0142.corp.contoso.com',
  state: 'confirmed',
  proof: 'It was read back as isolated at 2026-03-10T08:20:00.123Z.',
  at: '2026-03-10T08:20:00.123Z',
};

describe('the result', () => {
  it('shows an undone effect as undone, with the proof of its undo', () => {
    const undo = {
      state: 'confirmed',
      because: 'decision',
      proof: 'Read back as released.',
      at: ISOLATED.at,
    } as const;
    const text = resultOf({ effects: [{ ...ISOLATED, undo }], outcome: 'undone' });
    expect(text).toContain('↩ defender.isolate-device  ws-fin-0142.corp.contoso.com: was undone');
    expect(text).toContain('proof: Read back as released.');
    expect(text).not.toContain('isolated');
  });

  it('shows how long it took, what is left to people, and no time with milliseconds', () => {
    const endedAt = new Date(Date.parse(VIEW.receivedAt) + 250_000).toISOString();
    const text = resultOf({ effects: [ISOLATED], outcome: 'partly-remediated', endedAt });
    expect(text).toContain('partly remediated, handled in 4 min 10 s');
    expect(text).toContain('isolated at 2026-03-10 08:20 UTC.');
    for (const { title } of VIEW.plan?.refused ?? []) expect(text).toContain(`Manual action: ${title}`);
  });
});

it('does not control the terminal', () => {
  const hostile = 'a\u001b[2Jb\u202ec\u2028d\r\ne';
  const named = (name: string) => ({ ...REQUEST, warnings: [name], escalations: [], tier: name });
  const steps = [{ ...step, title: hostile, target: hostile, why: hostile, impact: hostile }];
  const request = named(hostile);
  const approval = {
    request,
    incident: { title: hostile, number: '1', severity: 'high' },
    steps: steps.map((one) => ({ ...one, id: REQUEST.stepIds[0] })),
    effects: [{ ...ISOLATED, proof: hostile, target: hostile }],
    decisions: [],
    approvalsGiven: 0,
    etag: '"1-a"',
  } as unknown as Approval;
  const by = { kind: 'person', objectId: 'a', name: hostile, channel: 'web' } as const;
  const lines = [
    ...approvalLines(approval, NOW, paint),
    ...auditLines([{ at: ISOLATED.at, event: 'refused', by, text: hostile }], paint),
    ...queueLines(
      [{ ...REQUEST, title: hostile, severity: 'high', asks: hostile, expiresAt: ISOLATED.at }],
      NOW,
      paint,
    ),
    ...resultLines(
      {
        ...(STATES.hostile?.view as CaseFile),
        title: hostile,
        timeline: [],
        effects: [{ ...ISOLATED, proof: hostile }],
      },
      undefined,
      { paint },
    ),
  ];
  expect(lines.join('')).toContain('a [2Jb c d  e');
  for (const line of lines.flatMap((one) => one.split('\n')))
    expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2028\u2029]/u);
});
