/** A message in the mailboxes of its recipients: which one is meant, what is removed, and what an undo brings back. */
import { describe, expect, it } from 'vitest';
import type { Enrichment, Response } from '../../src/actions/define.js';
import {
  confirmResponse,
  confirmUndo,
  resolveTarget,
  runEnrichment,
  undoResponse,
} from '../../src/actions/run.js';
import emailFinding from '../../src/actions/xdr/email.js';
import { emailResolver } from '../../src/actions/xdr/emails/email-resolver.js';
import remediate from '../../src/actions/xdr/remediate-email.js';
import { type Contoso, GRAPH, withContoso } from './contoso.js';
import { MESSAGE } from './contoso-mail.js';
import { type Approved, act, actAgain, actNow, approve } from './contract/act.js';
import { caseOf } from './contract/case.js';
import { analystMoved } from './contract/tenant-changes.js';

const remove = remediate as unknown as Response;
const enrichment = emailFinding as unknown as Enrichment;
const DANA = 'dana.ortiz@contoso.com';
const LEE = 'lee.andersen@contoso.com';
const REMEDIATE = /analyzedEmails\/remediate$/;

const changeCopy = (contoso: Contoso, recipient: string, change: object) =>
  contoso.change(({ emails }) =>
    Object.assign(emails.find((one) => one.recipientEmailAddress === recipient) ?? {}, change),
  );
const addCopies = (contoso: Contoso, count: number, deliveryLocation = 'Inbox/folder') =>
  contoso.change(({ emails }) => {
    const [first] = emails;
    if (first === undefined) return;
    for (let i = 0; i < count; i++) {
      const recipientEmailAddress = `person-${i}@contoso.com`;
      emails.push({ ...first, recipientEmailAddress, deliveryLocation, location: deliveryLocation });
    }
  });
const locations = (contoso: Contoso) =>
  Object.fromEntries(contoso.state().emails.map((one) => [one.recipientEmailAddress, one.location]));
async function target(contoso: Contoso, query: object = { networkMessageId: MESSAGE }) {
  const found = await resolveTarget(remove, query, contoso.context(remove.name, MESSAGE));
  return found.ok ? found.value : found.error;
}
async function removed(contoso: Contoso): Promise<Approved & { readonly output: unknown }> {
  const approved = await approve(remove, caseOf(remove), contoso);
  return { ...approved, output: (await actNow(remove, approved, contoso)).output };
}
const readBack = (
  contoso: Contoso,
  { input, output }: { readonly input: unknown; readonly output: unknown },
) => confirmResponse(remove, input, output, contoso.context(remove.name, MESSAGE));

describe.concurrent('the finding about a message', () => {
  it('says where each copy is, and who clicked, each click once', () =>
    withContoso([], async (contoso) => {
      contoso.change(analystMoved('Soft delete', -5, [LEE]));
      addCopies(contoso, 1, 'On-premises/External');
      contoso.change(({ urlClicks }) => {
        const [first] = urlClicks;
        if (first === undefined) return;
        urlClicks.push({
          ...first,
          id: 'click-2',
          actionType: 'ClickBlocked',
          accountUpn: 'LEE@contoso.com',
        });
      });
      const context = contoso.context(enrichment.name, MESSAGE);
      const result = await runEnrichment(enrichment, { networkMessageId: MESSAGE }, context);
      expect(result.ok && result.value).toEqual({
        networkMessageId: MESSAGE,
        subject: 'Invoice 7',
        sender: 'eve@fabrikam.com',
        threats: ['Phish'],
        recipients: 4,
        recipientAddresses: [DANA, LEE, 'person-0@contoso.com', 'sam.hybrid@contoso.com'],
        inMailboxes: 1,
        removed: 1,
        quarantined: 1,
        notDelivered: 0,
        outside: 1,
        clicks: 2,
        clickedThrough: 1,
        clickers: [DANA, 'lee@contoso.com'],
        lastClickAt: '2026-03-10T08:05:00Z',
        complete: true,
      });
    }));

  it('has no part of a list, which would show that somebody is not in it', () =>
    withContoso([], async (contoso) => {
      addCopies(contoso, 50);
      contoso.change(({ urlClicks }) => {
        const [first] = urlClicks;
        for (let i = 0; first && i < 50; i++)
          urlClicks.push({ ...first, id: `c${i}`, accountUpn: `p${i}@contoso.com` });
      });
      const context = contoso.context(enrichment.name, MESSAGE);
      const result = await runEnrichment(enrichment, { networkMessageId: MESSAGE }, context);
      const finding = result.ok ? result.value : {};
      expect(finding).toMatchObject({ recipients: 53, clicks: 51 });
      expect(finding).not.toHaveProperty('recipientAddresses');
      expect(finding).not.toHaveProperty('clickers');
    }));
});

describe.concurrent('the message that is meant', () => {
  it('is that of the network message id, as Defender has it, with all recipients', () =>
    withContoso([], async (contoso) => {
      changeCopy(contoso, DANA, { subject: '\u202e”<b>\n| take 1' });
      const more = { recipient: 'Dana.Ortiz@contoso.com', internetMessageId: 'invoice-7@fabrikam.com' };
      expect(await target(contoso, { networkMessageId: MESSAGE.toUpperCase(), ...more })).toMatchObject({
        record: {
          kind: 'xdr.email',
          id: MESSAGE,
          name: "“'<b> | take 1” from eve@fabrikam.com to 3 recipients",
          agreed: [expect.any(String), expect.any(String), expect.any(String)],
        },
        input: { recipients: [DANA, LEE, 'sam.hybrid@contoso.com'] },
      });
    }));

  it.each<[string, object]>([
    ['another internet message id', { internetMessageId: '<other@fabrikam.com>' }],
    ['a recipient who did not receive it', { recipient: 'pat.doe@contoso.com' }],
  ])('is none with %s', (_what, more) =>
    withContoso([], async (contoso) => {
      expect(await target(contoso, { networkMessageId: MESSAGE, ...more })).toMatchObject({
        code: 'identifiers-disagree',
      });
    }),
  );

  it.each<[string, (contoso: Contoso) => void, object]>([
    ['that went outside only', ({ change }) => change(outsideOnly), { code: 'unsupported-target' }],
    [
      'to more mailboxes than a plan shows',
      (contoso) => addCopies(contoso, 98),
      { code: 'unsupported-target' },
    ],
    [
      'that Defender does not have',
      ({ change }) => change((state) => void state.emails.splice(0)),
      { code: 'not-found' },
    ],
    ['of which the list is cut', ({ change }) => change(cutList), { code: 'incomplete-answer' }],
  ])('is left to people: one %s', (_what, change, refusal) =>
    withContoso([], async (contoso) => {
      change(contoso);
      expect(await target(contoso)).toMatchObject(refusal);
    }),
  );

  it.each([undefined, 'x', `${MESSAGE}' or 1 eq 1`])(
    'has no id in the form of a network message id: %s',
    (id) => {
      const entity = {
        kind: 'mailMessage',
        key: 'k',
        display: 'd',
        identity: 'strong',
        recipient: DANA,
      } as const;
      const query = emailResolver.identify(id === undefined ? entity : { ...entity, networkMessageId: id });
      expect(query).toMatchObject({ ok: false, code: 'target-unknown' });
    },
  );

  it('is another one if someone else received it since the approval', () =>
    withContoso([], async (contoso) => {
      const approved = await approve(remove, caseOf(remove), contoso);
      addCopies(contoso, 1);
      expect(await act(remove, approved, contoso)).toMatchObject({ error: { code: 'target-changed' } });
      expect(contoso.writes()).toEqual([]);
    }));
});
const outsideOnly: Parameters<Contoso['change']>[0] = ({ emails }) => {
  for (const one of emails) one.deliveryLocation = one.location = 'On-premises/External';
};
const cutList: Parameters<Contoso['change']>[0] = ({ queries }) => {
  const columns = ['Source', 'Timestamp', 'RecipientEmailAddress', 'NetworkMessageId'].map((name) => ({
    name,
    type: 'string',
  }));
  const row = (i: number) => ['EmailEvents', '2026-03-10T08:01:00Z', `person-${i}@contoso.com`, MESSAGE];
  const rows = Array.from({ length: 2_001 }, (_, i) => row(i));
  queries.push({ name: 'cut', contains: ['EmailPostDeliveryEvents'], params: {}, columns, rows });
};

describe.concurrent('the removal', () => {
  it('leaves alone what was gone before', () =>
    withContoso([], async (contoso) => {
      contoso.change(analystMoved('Hard delete', -5, [LEE]));
      const done = await removed(contoso);
      expect(done.output).toMatchObject({ changed: true, before: [{ recipient: DANA, place: 'inbox' }] });
      expect(await readBack(contoso, done)).toMatchObject({ value: { state: 'confirmed' } });
      expect(locations(contoso)).toMatchObject({ [DANA]: 'Soft deleted', [LEE]: 'Hard deleted' });
    }));

  it('is not confirmed while one recipient can still open it, and names that one', () =>
    withContoso([], async (contoso) => {
      changeCopy(contoso, LEE, { remediationFails: true });
      const done = await removed(contoso);
      expect(await readBack(contoso, done)).toMatchObject({
        value: {
          state: 'pending',
          status: expect.stringMatching(/1 of 3 recipients can open it: lee\.andersen/),
        },
      });
      expect(locations(contoso)).toMatchObject({ [DANA]: 'Soft deleted', [LEE]: 'Inbox/folder' });
    }));

  it('is not confirmed where a copy is outside', () =>
    withContoso([], async (contoso) => {
      addCopies(contoso, 1, 'On-premises/External');
      expect(await readBack(contoso, await removed(contoso))).toMatchObject({
        value: {
          state: 'pending',
          status: expect.stringMatching(/another organisation: person-0@contoso\.com/),
        },
      });
    }));

  it('is pending as long as Defender takes', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => void Object.assign(state, { emailRemediationSeconds: 600 }));
      const done = await removed(contoso);
      expect(await readBack(contoso, done)).toMatchObject({ value: { state: 'pending' } });
      contoso.clock.advance(601);
      expect(await readBack(contoso, done)).toMatchObject({ value: { state: 'confirmed' } });
    }));

  it('has one effect if the answer is lost and the request repeated before it shows', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => void Object.assign(state, { emailRemediationSeconds: 600 }));
      const approved = await approve(remove, caseOf(remove), contoso);
      const lost = { host: GRAPH, method: 'POST', path: REMEDIATE, times: 1 };
      contoso.simulator.addFault({ ...lost, answer: { kind: 'reset', after: 'effect' } });
      const first = await act(remove, approved, contoso);
      if (first.ok) throw new Error('the answer was not lost');
      const second = await actAgain(remove, approved, contoso, first);
      if (!second.ok) throw new Error(second.error.message);
      contoso.clock.advance(601);
      const done = { ...approved, output: second.value.output };
      expect(await readBack(contoso, done)).toMatchObject({ value: { state: 'confirmed' } });
      expect(contoso.state().emailPostDeliveryEvents).toHaveLength(2);
    }));
});

describe.concurrent('the undo', () => {
  it('moves each copy back to where it was', () =>
    withContoso([], async (contoso) => {
      changeCopy(contoso, LEE, { deliveryLocation: 'Junk', location: 'Junk folder' });
      const { input, output } = await removed(contoso);
      const context = contoso.context(remove.name, MESSAGE);
      expect(await undoResponse(remove, input, output, context)).toMatchObject({
        value: { state: 'requested' },
      });
      expect(await confirmUndo(remove, input, output, context)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('2 of 2 mailboxes') },
      });
      expect(locations(contoso)).toEqual({
        [DANA]: 'Inbox/folder',
        [LEE]: 'Junk folder',
        'sam.hybrid@contoso.com': 'Quarantine',
      });
    }));

  it('leaves alone a copy that someone removed otherwise since', () =>
    withContoso([], async (contoso) => {
      const { input, output } = await removed(contoso);
      contoso.change(analystMoved('Hard delete', 60, [LEE]));
      const context = contoso.context(remove.name, MESSAGE);
      expect(await undoResponse(remove, input, output, context)).toMatchObject({
        value: { state: 'requested' },
      });
      expect(await confirmUndo(remove, input, output, context)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('1 of 2 mailboxes') },
      });
      expect(locations(contoso)).toMatchObject({ [DANA]: 'Inbox/folder', [LEE]: 'Hard deleted' });
    }));

  it('leaves alone a copy that someone removed again since', () =>
    withContoso([], async (contoso) => {
      const { input, output } = await removed(contoso);
      contoso.change(analystMoved('Moved to inbox', 30, [LEE]));
      contoso.change(analystMoved('Soft delete', 60, [LEE]));
      const context = contoso.context(remove.name, MESSAGE);
      await undoResponse(remove, input, output, context);
      await readBack(contoso, { input, output });
      expect(locations(contoso)).toMatchObject({ [DANA]: 'Inbox/folder', [LEE]: 'Soft deleted' });
    }));

  it('leaves alone what an analyst removed hours after a request that failed', () =>
    withContoso([], async (contoso) => {
      changeCopy(contoso, LEE, { remediationFails: true });
      const { input, output } = await removed(contoso);
      await readBack(contoso, { input, output });
      contoso.change(analystMoved('Soft delete', 300, [LEE]));
      await undoResponse(remove, input, output, contoso.context(remove.name, MESSAGE));
      await readBack(contoso, { input, output });
      expect(locations(contoso)).toMatchObject({ [DANA]: 'Inbox/folder', [LEE]: 'Soft deleted' });
    }));

  it('waits for a removal that is still under way', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => void Object.assign(state, { emailRemediationSeconds: 600 }));
      const { input, output } = await removed(contoso);
      const undo = () => undoResponse(remove, input, output, contoso.context(remove.name, MESSAGE));
      expect(await undo()).toMatchObject({ error: { code: 'undo-too-early', retry: 'later' } });
      contoso.clock.advance(601);
      expect(await undo()).toMatchObject({ value: { state: 'requested' } });
      contoso.clock.advance(601);
      await readBack(contoso, { input, output });
      expect(locations(contoso)).toMatchObject({ [DANA]: 'Inbox/folder', [LEE]: 'Inbox/folder' });
    }));

  it('is left to people for what a lost request, or someone else, has removed', () =>
    withContoso([], async (contoso) => {
      const approved = await approve(remove, caseOf(remove), contoso);
      changeCopy(contoso, LEE, { remediationFails: true });
      contoso.change(analystMoved('Soft delete', 1, [DANA]));
      const { output } = await actNow(remove, approved, contoso);
      expect(output).toMatchObject({
        before: [
          { recipient: DANA, place: 'inbox', removed: 'unknown' },
          { recipient: LEE, place: 'inbox', removed: true },
        ],
      });
      await readBack(contoso, { ...approved, output });
      const context = contoso.context(remove.name, MESSAGE);
      expect(await undoResponse(remove, approved.input, output, context)).toMatchObject({
        error: { code: 'undo-unclear', message: expect.stringContaining(DANA) },
      });
    }));

  it('brings back nothing that was removed before', () =>
    withContoso([], async (contoso) => {
      contoso.change(analystMoved('Soft delete', -5, [LEE]));
      const { input, output } = await removed(contoso);
      await undoResponse(remove, input, output, contoso.context(remove.name, MESSAGE));
      await readBack(contoso, { input, output });
      expect(locations(contoso)).toMatchObject({ [DANA]: 'Inbox/folder', [LEE]: 'Soft deleted' });
    }));
});
