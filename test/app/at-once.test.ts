/** A slow activity delays nothing else: decisions, deadlines and confirmations of other tiers are on time. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../src/domain/approval.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import { changedPlaybook } from './playbook.js';
import { Responder, type ResponderOptions, START, until } from './responder.js';

let responder: Responder;
afterEach(() => responder.stop());

const MINUTE = 60_000;
/** The tier of the leads decides about revoking sessions, with one approver. */
const TWO_TIERS = [
  [
    '    tier: analysts\n    why: >-\n      The account was active',
    '    tier: leads\n    why: >-\n      The account was active',
  ],
  ['fourEyes: true', 'fourEyes: false'],
] as const;

/** Delays activities whose input contains the given text. */
function slow(name: string, text: string, ms: number): ResponderOptions {
  return {
    introspection: {
      onActivity: (activity) =>
        activity.name === name && JSON.stringify(activity.input).includes(text)
          ? { kind: 'delay', ms }
          : undefined,
    },
  };
}

async function start(
  options: ResponderOptions,
  changes: readonly (readonly [string, string])[] = [],
): Promise<string> {
  const settings = changedPlaybook([...TWO_TIERS, ...changes]);
  responder = await Responder.start({ ...options, settings });
  return responder.deliver();
}

async function seen(id: string, what: string, is: (file: CaseFile) => boolean): Promise<CaseFile> {
  return until(what, async () => {
    const file = await responder.caseFile(id);
    return file !== undefined && is(file) ? file : undefined;
  });
}
const effectOf = (file: CaseFile, action: string) => file.effects.find((one) => one.action === action);
const ISOLATE = 'defender.isolate-device';
const REVOKE = 'entra.revoke-sessions';
const secondsAfter = (from: string, to: string | undefined) =>
  (Date.parse(to ?? '') - Date.parse(from)) / 1000;

describe('while an act takes 100 seconds', () => {
  it("another tier's decision counts at once, and what it decided is done and proved", async () => {
    const id = await start(slow('runResponse', ISOLATE, 100_000));
    const [analysts, leads] = [await responder.asked(id, 'analysts'), await responder.asked(id, 'leads')];
    expect((await responder.decide(analysts)).status).toBe(201);
    expect((await responder.decide(leads, { by: 'Kim Larsen' })).status).toBe(201);
    const file = await responder.ended(id);
    for (const { decision, evaluatedAt } of file.decisions) {
      expect(secondsAfter(decision.at, evaluatedAt)).toBeLessThan(1);
    }
    const proved = file.timeline.find(({ text }) => /sessions.*is confirmed/i.test(text));
    expect(secondsAfter(file.decisions[1]?.evaluatedAt ?? '', proved?.at)).toBeLessThan(30);
    expect(effectOf(file, ISOLATE)).toMatchObject({ state: 'confirmed' });
    expect(secondsAfter(file.decisions[0]?.evaluatedAt ?? '', effectOf(file, ISOLATE)?.at)).toBeGreaterThan(
      100,
    );
  });

  it('a second decision about the same request is answered at once', async () => {
    const id = await start(slow('runResponse', ISOLATE, 100_000));
    const analysts = await responder.asked(id, 'analysts');
    expect((await responder.decide(analysts)).json.code).toBe('approved');
    const again = await responder.decide(analysts, { by: 'Robin Keller' });
    expect([again.status, again.json.code]).toEqual([409, 'already-decided']);
  });

  it("another tier's deadline passes at its time", async () => {
    const id = await start({ ...slow('runResponse', ISOLATE, 9 * 3_600_000) }, [
      ['remind: [30m, 90m]\n      deadline: 4h', 'remind: [1m]\n      deadline: 2m'],
    ]);
    await responder.decide(await responder.asked(id, 'analysts'));
    responder.leave();
    const file = await seen(id, 'the end of the request', ({ approvals }) =>
      approvals.some(({ tier, state }) => tier === 'leads' && state === 'expired'),
    );
    const leads = file.approvals.find(({ tier }) => tier === 'leads') as ApprovalRequest;
    expect(leads.reminders).toHaveLength(1);
    expect(secondsAfter(leads.requestedAt, leads.reminders[0])).toBeLessThan(61);
    const expired = file.timeline.find(({ text }) =>
      text.startsWith('The request expired without a decision'),
    );
    expect(secondsAfter(leads.expiresAt, expired?.at)).toBeLessThan(1);
  });

  it('an undo of what another tier did is taken at once', async () => {
    const id = await start(slow('runResponse', REVOKE, 30 * MINUTE));
    const [analysts, leads] = [await responder.asked(id, 'analysts'), await responder.asked(id, 'leads')];
    await responder.decide(analysts);
    await responder.decide(leads, { by: 'Kim Larsen' });
    responder.leave();
    const undoable = await seen(id, 'an undo', ({ approvals }) =>
      approvals.some(({ purpose }) => purpose === 'undo'),
    );
    expect(effectOf(undoable, REVOKE)?.state).toBe('intended');
    const undo = await responder.request(`${analysts.approval.id}.undo`);
    expect((await responder.decide(undo, { kind: 'undo' })).json.code).toBe('undo-approved');
    const undone = await seen(
      id,
      'the undoing',
      (file) => effectOf(file, ISOLATE)?.undo?.state === 'confirmed',
    );
    expect(secondsAfter(new Date(START).toISOString(), effectOf(undone, ISOLATE)?.undo?.at)).toBeLessThan(
      25 * 60,
    );
  });
});

it('a decision counts while the comment is not written', async () => {
  const id = await start(slow('writeComment', '', 100_000));
  const analysts = await responder.asked(id, 'analysts');
  expect((await responder.decide(analysts)).json.code).toBe('approved');
});

it("a decision counts while another tier's is being evaluated", async () => {
  const id = await start({
    introspection: {
      onActivity: ({ name, input }) => {
        if (name !== 'evaluateDecision') return undefined;
        const { message } = input as { message: { decision: { requestId: string } } };
        return message.decision.requestId.endsWith('.analysts') ? { kind: 'delay', ms: 100_000 } : undefined;
      },
    },
  });
  const [analysts, leads] = [await responder.asked(id, 'analysts'), await responder.asked(id, 'leads')];
  expect((await responder.decide(analysts, { pending: true })).status).toBe(202);
  expect((await responder.decide(leads, { by: 'Kim Larsen' })).json.code).toBe('approved');
});
