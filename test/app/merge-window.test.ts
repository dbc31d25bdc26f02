/** What a merged incident has done is not done again by a decision that its target makes before it has read of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { addDefenderIncident, alertOf, defender, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { again, change, type Event, noted } from './later-events.js';
import { anotherIncident, type Request, Responder, START, type Tenant } from './responder.js';

const SECOND = 1_000;
const HANDED_OVER = 'was merged into this one, and handed over';
/** The incident of Sentinel that is merged, as Defender knows it, and its target, which only Defender has. */
const PAIRS = { unread: '301', unreadable: '302', automatic: '303', underWay: '304' } as const;
type Name = keyof typeof PAIRS;
const AT_ONCE = 'Ransomware, handled at once';
const events = {} as Record<Name, Event>;
let responder: Responder;

beforeAll(async () => {
  responder = await Responder.start({
    playbook: [
      [
        '      user.accountEnabled && (',
        '      !incident.title.contains("at once") && user.accountEnabled && (',
      ],
      [
        '  - id: disable-user\n',
        '  - id: revoke-at-once\n    action: entra.revoke-sessions\n    for: account\n    when: incident.title.contains("at once")\n    tier: auto\n    unattended: true\n    why: Its sign-ins are at risk.\n\n  - id: disable-user\n',
      ],
    ],
    change: (tenant) => {
      for (const name of Object.keys(PAIRS) as Name[]) {
        events[name] = anotherIncident(tenant);
        const { properties } = tenant.incidents.at(-1) ?? expect.unreachable();
        const [source, target] = [sourceOf(name), PAIRS[name]];
        const link = `https://security.microsoft.com/incidents/${source}?tid=${TENANT_ID}`;
        Object.assign(properties, { providerName: 'Microsoft XDR', providerIncidentId: source });
        Object.assign(properties.additionalData as object, { providerIncidentUrl: link });
        addDefenderIncident(tenant, source);
        addDefenderIncident(tenant, target, name === 'automatic' ? { displayName: AT_ONCE } : {});
      }
    },
  });
});
afterAll(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  await responder.stop();
});

const sourceOf = (name: Name) => `2${PAIRS[name].slice(1)}`;
const file = async (instanceId: string): Promise<CaseFile> =>
  (await responder.caseFile(instanceId)) ?? expect.unreachable();
const texts = ({ timeline }: CaseFile) => timeline.map(({ text }) => text).join('\n');
const revocations = () =>
  responder.effects().filter(({ path, status }) => path.endsWith('revokeSignInSessions') && status < 300)
    .length;
const passed = () => responder.now() - START;

const revocationOf = ({ approval }: Request) => approval.stepIds.filter((id) => id.includes('revoke'));

/** The sessions are revoked once, by the incident that will be merged. */
async function acted(name: Name): Promise<string> {
  responder.comeBack();
  const source = await responder.asked(await responder.deliver(events[name]));
  await responder.decide(source, { steps: revocationOf(source) });
  responder.leave();
  await responder.ended(source.instanceId);
  return source.instanceId;
}

/** Merges the incident, in Defender and in Sentinel, and delivers the event of it. */
async function merge(name: Name): Promise<void> {
  responder.simulator.update((tenant: Tenant) => {
    const incident = defender(tenant).securityIncidents.find(({ id }) => id === sourceOf(name));
    Object.assign(incident ?? {}, { status: 'redirected', redirectIncidentId: PAIRS[name], alerts: [] });
  });
  change(responder, events[name], (incident) => {
    const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
    Object.assign(incident.properties, { status: 'Closed', labels });
    Object.assign(incident.properties.additionalData as object, { alertsCount: 0 });
    incident.alerts = [];
  });
  await send(responder, again(events[name]));
}
const deliver = async (name: Name) => String((await send(responder, graphBody(PAIRS[name]))).json.instanceId);
const SLOW_ENRICHMENT = {
  host: 'api.security.microsoft.com',
  method: 'GET',
  path: /machines/,
  times: 1,
  answer: { kind: 'status', status: 429, retryAfterSeconds: 25 },
} as const;
/** The step ends as left to the case of the merged incident, and every channel says so. */
function expectLeft(target: CaseFile): void {
  const effect = target.effects.find(({ action }) => action === 'entra.revoke-sessions');
  const proof = 'Incident #2001, which was merged into this one, has done it.';
  expect(effect).toMatchObject({ state: 'handed-over', proof });
  expect(texts(target)).toContain(`is not repeated: ${proof}`);
}
/** Another alert: the target makes a new plan for half a minute, and reads no message meanwhile. */
async function makeNewPlan(name: Name): Promise<void> {
  responder.simulator.update((tenant: Tenant) => {
    const incident = defender(tenant).securityIncidents.find(({ id }) => id === PAIRS[name]);
    incident?.alerts.push(alertOf(PAIRS[name], 2));
  });
  responder.simulator.addFault(SLOW_ENRICHMENT);
  await deliver(name);
}
const reading = (name: Name) => ({
  host: 'graph.microsoft.com',
  method: 'GET',
  path: new RegExp(`/security/incidents/${PAIRS[name]}$`),
});

it('does not repeat it by an automatic step of a target that was still being enriched', async () => {
  const source = await acted('automatic');
  const before = revocations();
  const start = passed();
  responder.simulator.addFault(SLOW_ENRICHMENT);
  const delivered = responder.at(start + SECOND, () => deliver('automatic'));
  const merged = responder.at(start + 5 * SECOND, () => merge('automatic'));
  const seen = responder.at(start + 15 * SECOND, async () => {
    expect((await file(source)).handedOverTo?.key).toContain(PAIRS.automatic);
    expect((await file(await delivered)).stage).toBe('enriching');
  });
  responder.leave();
  await Promise.all([merged, delivered, seen]);
  const taken = await noted(responder, await delivered, HANDED_OVER);
  expectLeft(taken);
  expect(revocations()).toBe(before);
});

it('does not repeat it by an approval between the arrival of the hand-over and its reading', async () => {
  const source = await acted('unread');
  responder.comeBack();
  const target = await responder.asked(await deliver('unread'));
  const before = revocations();
  const start = passed();
  await makeNewPlan('unread');
  const merged = responder.at(start + 15 * SECOND, () => merge('unread'));
  const decided = responder.at(start + 20 * SECOND, async () => {
    expect((await file(source)).handedOverTo?.instanceId).toBe(target.instanceId);
    expect((await file(target.instanceId)).handedOverFrom).toBeUndefined();
    return responder.decide(target, { steps: revocationOf(target), pending: true });
  });
  responder.leave();
  await Promise.all([merged, decided]);
  const taken = await noted(responder, target.instanceId, HANDED_OVER);
  expect(taken.decisions.map(({ outcome }) => outcome.accepted)).toEqual([true]);
  expectLeft(taken);
  expect(revocations()).toBe(before);
});

it('does not repeat it by an approval while the target itself cannot be read', async () => {
  const source = await acted('unreadable');
  responder.comeBack();
  const target = await responder.asked(await deliver('unreadable'));
  const before = revocations();
  const start = passed();
  responder.simulator.addFault({
    ...reading('unreadable'),
    skip: 1,
    times: 12,
    answer: { kind: 'status', status: 503 },
  });
  const merged = responder.at(start + SECOND, () => merge('unreadable'));
  const decided = responder.at(start + 20 * SECOND, async () => {
    const { handedOverFrom, approvals } = await file(target.instanceId);
    expect(handedOverFrom?.[0]?.from.instanceId).toBe(source);
    expect(approvals[0]?.state).toBe('waiting');
    return responder.decide(target, { steps: revocationOf(target), pending: true });
  });
  responder.leave();
  await Promise.all([merged, decided]);
  const ended = await responder.ended(target.instanceId);
  expectLeft(ended);
  // No worse than if it had been done here, and no open end.
  expect(ended.outcome).toBe('remediated');
  expect(ended.unfinished).toBeUndefined();
  expect(revocations()).toBe(before);
});

it('waits for what the merged incident is still carrying out, and leaves it to its case once it is proved', async () => {
  responder.comeBack();
  const source = await responder.asked(await responder.deliver(events.underWay));
  const target = await responder.asked(await deliver('underWay'));
  const before = revocations();
  const start = passed();
  responder.simulator.addFault({
    host: 'graph.microsoft.com',
    method: 'POST',
    path: /revokeSignInSessions$/,
    times: 3,
    answer: { kind: 'status', status: 429, retryAfterSeconds: 40 },
  });
  await makeNewPlan('underWay');
  const acting = responder.at(start + 14 * SECOND, () =>
    responder.decide(source, { steps: revocationOf(source), pending: true }),
  );
  const merged = responder.at(start + 15 * SECOND, () => merge('underWay'));
  const decided = responder.at(start + 30 * SECOND, async () => {
    expect((await file(source.instanceId)).handedOverTo?.instanceId).toBe(target.instanceId);
    return responder.decide(target, { steps: revocationOf(target), pending: true });
  });
  responder.leave();
  await Promise.all([acting, merged, decided]);
  const ended = await noted(responder, target.instanceId, 'has done it');
  expect(texts(ended)).toMatch(/waits: Incident #\d+, which was merged into this one, is carrying it out/);
  expectLeft(ended);
  expect(revocations()).toBe(before + 1);
});
