/** Which inbox rule is meant, what is left to people, and what an undo leaves alone. */
import { describe, expect, it } from 'vitest';
import type { Enrichment, Response } from '../../src/actions/define.js';
import disableRule from '../../src/actions/exchange/disable-inbox-rule.js';
import enableRule from '../../src/actions/exchange/enable-inbox-rule.js';
import mailboxOf from '../../src/actions/exchange/mailbox.js';
import { resolveTarget, runEnrichment, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DANA, GRAPH, withContoso } from './contoso.js';
import { RULE } from './contoso-mail.js';
import { act, approve } from './contract/act.js';
import { caseOf } from './contract/case.js';

const disable = disableRule as unknown as Response;
const mailbox = mailboxOf as unknown as Enrichment;
const rulesOf = ({ mailboxes }: ReturnType<Contoso['state']>) => mailboxes[0]?.messageRules ?? [];
type Rule = ReturnType<typeof rulesOf>[number];

const addRule = (contoso: Contoso, actions: object, more: object = {}) =>
  contoso.change((state) => {
    const base = { displayName: 'More', sequence: 9, isEnabled: true, isReadOnly: false, hasError: false };
    rulesOf(state).push({ id: 'AQAAAJ5dZqB/', ...base, actions: { ...actions }, ...more });
  });
const changeRule = (contoso: Contoso, change: object) =>
  contoso.change((state) => void Object.assign(rulesOf(state).find(({ id }) => id === RULE) ?? {}, change));
const ruleNow = (contoso: Contoso): Rule | undefined =>
  rulesOf(contoso.state()).find(({ id }) => id === RULE);
const to = (address: string | null) => [{ emailAddress: { name: 'Eve', address } }];

async function look(contoso: Contoso) {
  const result = await runEnrichment(mailbox, { objectId: DANA }, contoso.context(mailbox.name, DANA));
  return result.ok ? result.value : result.error;
}
async function target(contoso: Contoso, action = disable) {
  const found = await resolveTarget(action, { objectId: DANA }, contoso.context(action.name, DANA));
  return found.ok ? found.value : found.error;
}

describe.concurrent('the finding about a mailbox', () => {
  it('counts the rules that divert messages, and says what they do', () =>
    withContoso([], async (contoso) => {
      addRule(contoso, { permanentDelete: true }, { conditions: { bodyContains: ['password'] } });
      addRule(contoso, { moveToFolder: 'rss', markAsRead: true }, { id: 'x' });
      addRule(contoso, { forwardTo: to('lee@contoso.com') }, { id: 'y' });
      addRule(contoso, { redirectTo: to(null)[0] }, { id: 'z' });
      addRule(contoso, { delete: true }, { id: 'off', isEnabled: false });
      contoso.change(({ mailboxes }) => {
        const replies = { status: 'AlwaysEnabled', externalAudience: 'All' };
        for (const one of mailboxes) one.automaticRepliesSetting = replies;
      });
      expect(await look(contoso)).toEqual({
        objectId: DANA,
        rules: 7,
        enabledRules: 6,
        forwardingOutside: 1,
        forwardingUnclear: 1,
        deleting: 1,
        hiding: 1,
        byWords: 2,
        diverting: [
          'rule “..” (forwards to eve@fabrikam.com, by words)',
          'rule “More” (deletes, by words)',
          'rule “More” (moves and marks as read)',
          'rule “More” (redirects to someone)',
        ],
        automaticReplies: 'alwaysEnabled',
        automaticRepliesOutside: 'all',
        mailboxForwarding: 'unknown',
        complete: true,
      });
    }));

  it('has lower bounds only, and no zeros, if the list of rules was cut', () =>
    withContoso([], async (contoso) => {
      const path = /messageRules$/;
      contoso.simulator.addFault({ host: GRAPH, path, times: 1, answer: { kind: 'part' } });
      const finding = await look(contoso);
      expect(finding).toMatchObject({ rules: 1, forwardingOutside: 1, complete: false });
      expect(finding).not.toHaveProperty('deleting', expect.anything());
    }));

  it('does not name some of many rules', () =>
    withContoso([], async (contoso) => {
      for (let i = 0; i < 10; i++) addRule(contoso, { delete: true }, { id: `r${i}` });
      const finding = await look(contoso);
      expect(finding).toMatchObject({ deleting: 10, forwardingOutside: 1 });
      expect(finding).not.toHaveProperty('diverting');
    }));

  it('is unknown for a user without a mailbox in Exchange Online', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => void state.mailboxes.splice(0));
      expect(await look(contoso)).toMatchObject({ code: 'not-found' });
    }));
});

describe.concurrent('the rule that is meant', () => {
  it('is the only one that diverts messages, under what it does and whose it is', () =>
    withContoso([], async (contoso) => {
      changeRule(contoso, { displayName: '\u202e“”\u200b<b>' });
      expect(await target(contoso)).toMatchObject({
        ok: true,
        record: {
          kind: 'exchange.inbox-rule',
          id: `${DANA}/${RULE}`,
          name: "dana.ortiz@contoso.com: rule “''<b>” (forwards to eve@fabrikam.com, by words)",
          partOf: { kind: 'entra.user', id: DANA },
          notes: [expect.stringContaining('not visible')],
        },
        input: { objectId: DANA, ruleId: RULE },
      });
    }));

  it.each<[string, (contoso: Contoso) => void, object]>([
    ['several', (contoso) => addRule(contoso, { delete: true }), { code: 'ambiguous-target' }],
    ['none', (contoso) => changeRule(contoso, { actions: { markAsRead: true } }), { code: 'not-found' }],
    [
      'a read-only one',
      (contoso) => changeRule(contoso, { isReadOnly: true }),
      { code: 'unsupported-target' },
    ],
  ])('is left to people: %s', (_what, change, refusal) =>
    withContoso([], async (contoso) => {
      change(contoso);
      expect(await target(contoso)).toMatchObject({ ok: false, ...refusal });
    }),
  );

  it('is not the only one that deletes, if the owner has others', () =>
    withContoso([], async (contoso) => {
      changeRule(contoso, { actions: { delete: true } });
      expect(await target(contoso)).toMatchObject({
        code: 'ambiguous-target',
        reason: expect.stringMatching(/^2 inbox rules .*deletes.*Newsletters/),
      });
      contoso.change((state) => void rulesOf(state).pop());
      expect(await target(contoso)).toMatchObject({ ok: true });
    }));

  it.each<[string, object, object]>([
    ['by words', { actions: { moveToFolder: 'rss' } }, { ok: true }],
    ['all messages', { actions: { moveToFolder: 'rss' }, conditions: {} }, { ok: true }],
    [
      'those of one sender',
      { actions: { moveToFolder: 'rss' }, conditions: { senderContains: ['news'] } },
      { code: 'not-found' },
    ],
  ])('may only move messages: %s', (_what, rule, expected) =>
    withContoso([], async (contoso) => {
      changeRule(contoso, rule);
      contoso.change((state) => void rulesOf(state).pop());
      expect(await target(contoso)).toMatchObject(expected);
    }),
  );

  it('is named with the others, with their ids', () =>
    withContoso([], async (contoso) => {
      addRule(contoso, { delete: true });
      expect(await target(contoso)).toMatchObject({
        reason: expect.stringMatching(
          /^2 inbox rules .*eve@fabrikam.com.*AQAAAJ5dZqA=.*deletes.*AQAAAJ5dZqB\//,
        ),
      });
    }));

  it('is the enabled one for the one action, and the disabled one for the other', () =>
    withContoso([], async (contoso) => {
      addRule(contoso, { delete: true }, { isEnabled: false });
      expect(await target(contoso)).toMatchObject({ input: { ruleId: RULE } });
      const enable = enableRule as unknown as Response;
      expect(await target(contoso, enable)).toMatchObject({ input: { ruleId: 'AQAAAJ5dZqB/' } });
      const approved = await approve(enable, { ...caseOf(enable), query: { objectId: DANA } }, contoso);
      expect(await act(enable, approved, contoso)).toMatchObject({ ok: true });
      expect(rulesOf(contoso.state()).find(({ id }) => id.endsWith('/'))).toMatchObject({ isEnabled: true });
    }));

  it('is not looked for in a cut list', () =>
    withContoso([], async (contoso) => {
      const path = /messageRules$/;
      contoso.simulator.addFault({ host: GRAPH, path, times: 1, answer: { kind: 'part' } });
      expect(await target(contoso)).toMatchObject({ code: 'incomplete-answer' });
    }));

  it('is another one if it sends messages elsewhere since the approval', () =>
    withContoso([], async (contoso) => {
      const approved = await approve(disable, caseOf(disable), contoso);
      changeRule(contoso, { actions: { forwardTo: to('lee@contoso.com') } });
      expect(await act(disable, approved, contoso)).toMatchObject({ error: { code: 'target-changed' } });
      expect(contoso.writes()).toEqual([]);
    }));
});

describe.concurrent('the undo', () => {
  const disabled = (change: (contoso: Contoso) => void, test: (contoso: Contoso, undone: unknown) => void) =>
    withContoso([], async (contoso) => {
      const before = ruleNow(contoso);
      const { input, record } = await approve(disable, caseOf(disable), contoso);
      const context = { ...contoso.context(disable.name, 'target'), ...(record && { record }) };
      const result = await runResponse(disable, input, { ...context, prechecked: true });
      if (!result.ok) throw new Error(result.error.message);
      expect(result.value.output).toEqual({ changed: true, before });
      change(contoso);
      test(contoso, await undoResponse(disable, input, result.value.output, context));
    });

  it('enables the same rule, wherever it is among the others by then', () =>
    disabled(
      (contoso) => changeRule(contoso, { sequence: 4 }),
      (contoso, undone) => {
        expect(undone).toMatchObject({ value: { state: 'requested' } });
        expect(ruleNow(contoso)).toMatchObject({ isEnabled: true, sequence: 4 });
      },
    ));

  it.each<[string, (contoso: Contoso) => void]>([
    [
      'someone changed',
      (contoso) => changeRule(contoso, { actions: { forwardTo: to('mallory@fabrikam.com') } }),
    ],
    ['was deleted', (contoso) => contoso.change((state) => void rulesOf(state).splice(0))],
  ])('leaves a rule alone that %s since', (_what, change) =>
    disabled(change, (contoso, undone) => {
      expect(undone).toMatchObject({ value: { state: 'not-ours' } });
      expect(contoso.writes()).toHaveLength(1);
    }),
  );
});
