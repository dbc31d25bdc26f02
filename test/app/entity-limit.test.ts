/** What a playbook's limit leaves out is what is least suspicious, wherever the incident says which alerts name what. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { addDefenderIncident, alertOf, defender, graphBody, send } from './defender-incidents.js';
import { searched } from './lone-alerts.js';
import { atRisk, BRANCH, entity, eventOf, incidentAbout, WS } from './one-record.js';
import { Responder, type Tenant } from './responder.js';

const host = ({ computerDnsName, id }: typeof WS) =>
  entity('Host', { additionalData: { FQDN: computerDnsName, MdatpDeviceId: id } });
/** By its name only: the other host is identified better. */
const byName = ({ computerDnsName }: typeof WS) =>
  entity('Host', { additionalData: { FQDN: computerDnsName } });
const deviceEvidence = ({ id, computerDnsName }: typeof WS, more: object = {}) => ({
  '@odata.type': '#microsoft.graph.security.deviceEvidence',
  ...{ mdeDeviceId: id, deviceDnsName: computerDnsName, ...more },
});

/** An incident of Sentinel with both hosts; each alert names those of a list. */
function sentinelIncident(tenant: Tenant, number: number, named: readonly (readonly number[] | undefined)[]) {
  const hosts = [host(WS), byName(BRANCH)];
  incidentAbout(tenant, number, hosts);
  const incident = tenant.incidents.at(-1);
  if (incident === undefined) throw new Error('it was just added');
  const text = JSON.stringify(incident.alerts).replaceAll('00000000b0', `0000${number}b0`);
  incident.alerts = (JSON.parse(text) as object[]).map((alert, i) => {
    const names = named[i]?.map((index) => hosts[index]?.name);
    return names === undefined ? alert : { ...alert, names };
  });
}
const [NAMED, UNKNOWN, REFUSED] = [2301, 2302, 2303];

function change(tenant: Tenant): void {
  atRisk(tenant);
  sentinelIncident(tenant, NAMED, [[0, 1], [1], [], [], [], []]);
  sentinelIncident(tenant, UNKNOWN, []);
  sentinelIncident(tenant, REFUSED, [[1], [1], [], [], [], []]);
  addDefenderIncident(tenant, '91', {
    alerts: [
      alertOf('91', 1, [deviceEvidence(WS), deviceEvidence(BRANCH)]),
      alertOf('91', 2, [deviceEvidence(BRANCH)]),
    ],
  });
  addDefenderIncident(tenant, '93', { alerts: [alertOf('93', 1, [deviceEvidence(WS)])] });
  const seen = { verdict: 'suspicious' };
  addDefenderIncident(tenant, '92', {
    alerts: [
      alertOf('92', 1, [deviceEvidence(WS, { ...seen, remediationStatus: 'remediated' })]),
      alertOf('92', 2, [
        deviceEvidence(BRANCH, { ...seen, remediationStatus: 'active', roles: ['compromised'] }),
      ]),
    ],
  });
}

let responder: Responder;
beforeAll(async () => {
  const limit = [
    'as: device, for: host, deadline: 30s',
    'as: device, for: host, deadline: 30s, limit: 1',
  ] as const;
  responder = await Responder.start({ change, playbook: [limit], settings: { DEFENDER_INCIDENTS: 'on' } });
});
afterAll(() => responder.stop());

async function handled(instanceId: string): Promise<{ file: CaseFile; left: string | undefined }> {
  const { instanceId: asked } = await responder.asked(instanceId);
  const file = await responder.caseFile(asked);
  if (file === undefined) throw new Error('no case file');
  const left = file.findings.flatMap((finding) =>
    finding.status === 'failed' && finding.error.code === 'over-limit' ? [finding] : [],
  );
  expect(left).toHaveLength(1);
  return { file, left: left[0]?.error.message };
}
const devicesOf = ({ plan }: CaseFile) =>
  plan?.steps.flatMap(({ action, record }) => (action === 'defender.isolate-device' ? [record?.id] : []));
const refusedOf = ({ plan }: CaseFile) => plan?.refused.map(({ target, reason }) => `${target}: ${reason}`);

it('asks the log which alerts name what, and keeps what more of them name', async () => {
  const { file, left } = await handled(await responder.deliver(eventOf(NAMED)));
  expect(devicesOf(file)).toEqual([BRANCH.id]);
  expect(left).toContain('named by 1 alert (1 medium)');
  expect(refusedOf(file)).toEqual([expect.stringMatching(/^ws-fin-0142.*at most 1 .*named by 1 alert/)]);
  expect(responder.tenant().comments.at(-1)?.properties.message).toContain('named by 1 alert (1 medium)');
});

it('goes by the identifiers where the log has no rows of the alerts', async () => {
  const { file, left } = await handled(await responder.deliver(eventOf(UNKNOWN)));
  expect(devicesOf(file)).toEqual([WS.id]);
  expect(left).toContain('which alerts name it is not known');
});

it('handles an incident whose log it may not read, and says so', async () => {
  responder.simulator.addFault({
    ...{ host: 'api.loganalytics.io', path: /query/, times: 1 },
    answer: { kind: 'status', status: 403 },
  });
  const { file, left } = await handled(await responder.deliver(eventOf(REFUSED)));
  expect(devicesOf(file)).toEqual([WS.id]);
  expect(left).toContain('which alerts name it is not known');
  const warnings = responder.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
  expect(warnings.join('\n')).toMatch(/does not say which alerts name which entities \(forbidden\)/);
});

it.each([
  ['91', 'named by 1 alert (1 high)'],
  ['92', 'found suspicious, remediated, named by 1 alert (1 high)'],
])('takes it from the evidence of Defender: incident %s', async (id, words) => {
  const { json } = await send(responder, graphBody(id));
  const { file, left } = await handled(String(json.instanceId));
  expect(devicesOf(file)).toEqual([BRANCH.id]);
  expect(left).toContain(words);
});

it('does not take what was remediated since for a change of the incident', async () => {
  const { json } = await send(responder, graphBody('93'));
  const request = await responder.asked(String(json.instanceId));
  await responder.decide(request, { kind: 'reject', reason: 'It is a test.' });
  await responder.ended(request.instanceId);
  await searched(responder, request.instanceId);
  const lastUpdateDateTime = '2026-03-10T20:00:00Z';
  responder.simulator.update((state: unknown) => {
    const incident = defender(state as Tenant).securityIncidents.find(({ id }) => id === '93');
    const evidence = deviceEvidence(WS, { remediationStatus: 'remediated', roles: ['contextual'] });
    Object.assign(incident ?? {}, { lastUpdateDateTime, alerts: [alertOf('93', 1, [evidence])] });
  });
  const again = await send(responder, graphBody('93', { lastUpdateDateTime }));
  expect(again.json.status).toBe('duplicate');
});
