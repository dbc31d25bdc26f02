/** Whatever people of one tenant ask for, what belongs to another tenant does not exist for them. Every route has its row. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceIdOf } from '../../../src/intake/index.js';
import type { Answer, Request } from '../responder.js';
import { readEvent } from '../responder.js';
import { BOTS, inTenant, MARKERS, otherOf, TENANT_IDS, TwoTenants, type Which } from './two-tenants.js';

let two: TwoTenants;
let requests: Record<Which, Request>;
let sessions: Record<Which, string>;
/** A body that nothing could use, of each tenant. */
let bodies: Record<Which, string>;

beforeAll(async () => {
  two = await TwoTenants.start();
  requests = { a: await two.asked('a'), b: await two.asked('b') };
  sessions = { a: await two.session('a'), b: await two.session('b') };
  const kept = async (which: Which) =>
    ((await two.call(which, 'POST', '/api/incidents', { un: MARKERS[which] })).json.kept as string[])[0] ??
    '';
  bodies = { a: await kept('a'), b: await kept('b') };
});
afterAll(() => two.stop());

const NO_INSTANCE = `incident-${'0'.repeat(40)}`;
const NO_BODY = `rejected-${'0'.repeat(40)}`;

/** What a call is about: something of the other tenant, or something that does not exist. */
interface Subject {
  readonly instanceId: string;
  /** The id that the incident's instance would have under its other key. */
  readonly aliasId: string;
  readonly requestId: string;
  readonly rejectedId: string;
  readonly etag: string;
  readonly planHash: string;
  /** An incident of the other tenant, or of a workspace that no tenant has. */
  readonly event: object;
}
const subjectOf = (which: Which): Subject => {
  const { instanceId, approval, etag } = requests[which];
  const { id: requestId, planHash } = approval;
  const event = inTenant(which, readEvent());
  const aliasId = instanceIdOf(`xdr:${TENANT_IDS[which]}/2417`);
  return { instanceId, aliasId, requestId, rejectedId: bodies[which], etag, planHash, event };
};
const nothing = (like: Subject): Subject => ({
  ...like,
  instanceId: NO_INSTANCE,
  aliasId: NO_INSTANCE,
  requestId: like.requestId.replace(like.instanceId, NO_INSTANCE),
  rejectedId: NO_BODY,
  event: JSON.parse(JSON.stringify(like.event).replaceAll(/law-soc/g, 'law-none')) as object,
});

type Ask = (caller: Which, subject: Subject) => Promise<Answer>;
const get =
  (path: (subject: Subject) => string): Ask =>
  (caller, subject) =>
    two.call(caller, 'GET', path(subject));
const post =
  (path: (subject: Subject) => string, body?: object): Ask =>
  (caller, subject) =>
    two.call(caller, 'POST', path(subject), body, { 'if-match': subject.etag });
const page =
  (path: (subject: Subject) => string): Ask =>
  (caller, subject) =>
    two.responder.fetch(path(subject), { headers: { cookie: sessions[caller] } });
const form =
  (path: (subject: Subject) => string, fields: (subject: Subject) => Record<string, string>): Ask =>
  (caller, subject) =>
    two.form(path(subject), fields(subject), sessions[caller]);

const click: Ask = async (caller, { requestId }) => {
  const { tenantId, bot } = { tenantId: TENANT_IDS[caller], bot: BOTS[caller] };
  const data = { v: 1, rid: requestId, rev: 1, tok: `kx.1.${'x'.repeat(43)}`, selection: '0' };
  const channel = '19:0000000000000000000000000000c001@thread.tacv2';
  const { text, status } = await two.simulators[caller].teams.send(`${two.responder.host.url}/api/messages`, {
    ...{ type: 'invoke', name: 'adaptiveCard/action', id: 'an-activity', replyToId: 'a-card' },
    from: { id: '29:x', name: 'Local analyst', aadObjectId: '00000000-0000-4000-8000-00000000a101' },
    recipient: { id: `28:${bot}` },
    conversation: { id: `${channel};messageid=1`, tenantId },
    channelData: { tenant: { id: tenantId }, channel: { id: channel } },
    value: { action: { type: 'Action.Execute', verb: 'sentinel.approve', data } },
  });
  return { status, text, headers: new Headers(), json: {} };
};

/** Answers as if it did not exist. */
const UNKNOWN: Readonly<Record<string, Ask | readonly Ask[]>> = {
  intakeFromHttp: (caller, { event }) => two.call(caller, 'POST', '/api/incidents', event),
  showIncident: [
    get(({ instanceId }) => `/api/incidents/${instanceId}`),
    get(({ aliasId }) => `/api/incidents/${aliasId}`),
  ],
  retryIncident: [
    post(({ instanceId }) => `/api/incidents/${instanceId}/retry`),
    post(({ aliasId }) => `/api/incidents/${aliasId}/retry`),
    post(({ instanceId }) => `/api/incidents/${instanceId}/retry`, { steps: ['x'] }),
  ],
  showApproval: get(({ requestId }) => `/api/approvals/${requestId}`),
  auditApproval: get(({ requestId }) => `/api/approvals/${requestId}/audit`),
  decideApproval: [
    post(({ requestId }) => `/api/approvals/${requestId}/decisions`, { kind: 'approve', steps: ['x'] }),
    post(({ requestId }) => `/api/approvals/${requestId}/decisions`, { kind: 'reject', reason: 'no' }),
    (caller, { requestId }) =>
      two.call(caller, 'POST', `/api/approvals/${requestId}/decisions`, { kind: 'approve', steps: ['x'] }),
    (caller, { requestId }) =>
      two.call(
        caller,
        'POST',
        `/api/approvals/${requestId}/decisions`,
        { kind: 'approve' },
        { 'if-match': '"9-9"' },
      ),
  ],
  extendApproval: post(({ requestId }) => `/api/approvals/${requestId}/extend`, {}),
  undoApproval: post(({ requestId }) => `/api/approvals/${requestId}/undo`, { steps: ['x'] }),
  showRejected: get(({ rejectedId }) => `/api/rejected/${rejectedId}`),
  resubmitRejected: post(({ rejectedId }) => `/api/rejected/${rejectedId}/resubmit`),
  dropRejected: post(({ rejectedId }) => `/api/rejected/${rejectedId}/drop`),
  approvalPage: [
    page(({ requestId }) => `/approvals/${requestId}`),
    page(({ instanceId }) => `/approvals/${instanceId}`),
    page(({ aliasId }) => `/approvals/${aliasId}`),
  ],
  decideOnPage: form(
    ({ requestId }) => `/approvals/${requestId}`,
    ({ planHash }) => ({ form: 'x.y.z', kind: 'approve', revision: '1', planHash, step: 'x' }),
  ),
  retryOnPage: form(
    ({ instanceId }) => `/approvals/${instanceId}/retry`,
    () => ({ form: 'x.y.z', generation: '1' }),
  ),
  messages: click,
};

/** Lists what is of the own tenant. */
const LISTS: Readonly<Record<string, readonly Ask[]>> = {
  listIncidents: [get(() => '/api/incidents')],
  listApprovals: [get(() => '/api/approvals'), get(() => '/api/approvals?state=decided')],
  listRejected: [get(() => '/api/rejected')],
  approvalsPage: [page(() => '/approvals')],
};

/** About no case of anyone. */
const NO_CASES = ['allowOrigin', 'health', 'offerSignIn', 'signIn', 'offerAnalysts', 'changeAnalyst'];

it('every route has its row', async () => {
  const { text } = await two.responder.fetch('/admin/functions', {});
  const listed = JSON.parse(text) as { name: string; config: { bindings: { type: string }[] } }[];
  const routes = listed.filter(({ config }) => config.bindings.some(({ type }) => type === 'httpTrigger'));
  expect(routes.map(({ name }) => name).sort()).toEqual(
    [...Object.keys(UNKNOWN), ...Object.keys(LISTS), ...NO_CASES].sort(),
  );
});

const bothWays = <T>(rows: readonly (readonly [string, T])[]) =>
  rows.flatMap(([name, row]) => (['a', 'b'] as const).map((caller) => [name, caller, row] as const));

describe('what belongs to the other tenant', () => {
  it.each(bothWays(Object.entries(UNKNOWN)))('is unknown to %s of a caller of %s', async (_, caller, row) => {
    const theirs = subjectOf(otherOf(caller));
    const none = nothing(theirs);
    for (const ask of Array.isArray(row) ? (row as Ask[]) : [row as Ask]) {
      const [answer, expected] = [await ask(caller, theirs), await ask(caller, none)];
      expect(answer.status).toBe(expected.status);
      expect(plain(answer.text, theirs)).toBe(plain(expected.text, none));
      expect(seen(answer)).toEqual(seen(expected));
      expect(answer.text).not.toContain(MARKERS[otherOf(caller)]);
      expect(answer.text).not.toContain(TENANT_IDS[otherOf(caller)]);
    }
  });

  it.each(bothWays(Object.entries(LISTS)))('is not in %s of a caller of %s', async (_, caller, row) => {
    const theirs = subjectOf(otherOf(caller));
    const own = subjectOf(caller);
    for (const ask of row) {
      const { status, text } = await ask(caller, own);
      expect(status).toBe(200);
      for (const hidden of [MARKERS[otherOf(caller)], theirs.instanceId, theirs.rejectedId])
        expect(text).not.toContain(hidden);
    }
  });

  it('is in the lists of its own people, and counted there only', async () => {
    for (const which of ['a', 'b'] as const) {
      const { instanceId, requestId, rejectedId } = subjectOf(which);
      const listed = async (path: string) => (await two.call(which, 'GET', path)).text;
      expect(await listed('/api/incidents')).toContain(instanceId);
      expect(await listed('/api/approvals')).toContain(requestId);
      expect(await listed('/api/rejected')).toContain(rejectedId);
      const { text } = await two.responder.fetch('/approvals', { headers: { cookie: sessions[which] } });
      expect(text).toContain('1 pending request ');
      expect(text).toContain(`<strong>${which === 'a' ? 'Alpha' : 'Bravo'}</strong>`);
      expect(await listed(`/api/rejected/${rejectedId}`)).toContain(MARKERS[which]);
      expect(await listed(`/api/incidents/${subjectOf(which).aliasId}`)).toContain(MARKERS[which]);
    }
  });

  it('has learnt nothing of all these attempts', async () => {
    for (const which of ['a', 'b'] as const) {
      const { json } = await two.call(which, 'GET', `/api/incidents/${requests[which].instanceId}`);
      expect(json).toMatchObject({ decisions: [] });
      expect(json.refusedDecisions).toBeUndefined();
      expect(json.submitters ?? []).toEqual([]);
    }
  });
});

/** Without what the two subjects differ in. */
function plain(text: string, { instanceId, aliasId, requestId, rejectedId }: Subject): string {
  return text
    .replaceAll(requestId, '<request>')
    .replaceAll(instanceId, '<instance>')
    .replaceAll(aliasId, '<instance>')
    .replaceAll(rejectedId, '<body>')
    .replaceAll(/rejected-[0-9a-f]{40}/g, '<kept>');
}

/** The headers that an answer chooses. */
function seen({ headers }: Answer) {
  return [...headers].filter(([name]) => !['date', 'content-length'].includes(name));
}
