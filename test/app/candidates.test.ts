/** Incidents whose entities are known by weak names, in odd forms, or not at all: what people see of each. */
import { expect, it, onTestFinished } from 'vitest';
import { planLines } from '../../src/cli/progress/text.js';
import { atRisk, DANA, entity, signedIn, WS } from './one-record.js';
import type { Tenant } from './responder.js';
import { TeamsResponder } from './teams/teams.js';

const SHORT = '0a02fade'.repeat(5);
const OLD = '9142fade'.repeat(5);

function change(tenant: Tenant): void {
  atRisk(tenant);
  const [first] = tenant.machines;
  if (first === undefined) throw new Error('the fixture has it');
  const old = { healthStatus: 'Inactive', lastSeen: '2025-11-02T07:00:00Z', isPotentialDuplication: true };
  tenant.machines.push(
    { ...first, id: SHORT, computerDnsName: 'vm-apps02', aadDeviceId: null },
    { ...first, id: OLD, aadDeviceId: '00000000-0000-4000-8000-00000000d999', ...old },
  );
  const [incident] = tenant.incidents;
  if (incident === undefined) throw new Error('the fixture has it');
  incident.entities = [
    entity('Host', { hostName: 'ws-fin-0142', dnsDomain: 'corp.contoso.com' }),
    entity('Host', { hostName: 'vm-apps02', dnsDomain: 'corp.contoso.com' }),
    entity('Account', { accountName: 'dana.ortiz', ntDomain: 'contoso.com' }),
    entity('Account', { accountName: 'SYSTEM', ntDomain: 'NT-AUTORITÄT', sid: 'S-1-5-18' }),
    entity('Account', { accountName: 'WS-FIN-0142$', ntDomain: 'CORP' }),
    entity('Ip', { address: '203.0.113.77:51234' }),
    entity('Ip', { address: '203.0.113.0/24' }),
  ];
}

it('names candidates, left-out records, built-in accounts and unread addresses on every surface', async () => {
  const teams = await TeamsResponder.start({ change });
  const { responder } = teams;
  onTestFinished(() => responder.stop());
  const request = await responder.asked(await responder.deliver());
  const { plan } = request;
  expect(plan.steps).toMatchObject([
    { record: { id: WS.id, foundBy: 'full-name', certainty: 'certain' }, action: 'defender.isolate-device' },
  ]);
  const cookie = await signedIn(responder);
  const page = (await responder.fetch(`/approvals/${request.approval.id}`, { headers: { cookie } })).text;
  const content = JSON.stringify((await teams.card(/Isolate/)).activity.attachments[0]?.content);
  const card = content.replaceAll('\\\\', '');
  const terminal = planLines(plan, (_style, text) => text).join('\n');
  for (const surface of [page, card, responder.comment(), terminal]) {
    for (const id of [SHORT, DANA.id]) expect(surface).toContain(id);
    expect(surface).toContain('short name only');
    expect(surface).toContain('read as a suffix');
  }
  for (const surface of [page, card, responder.comment()]) {
    expect(surface).toContain('Found by its full name. 1 stale record');
    expect(surface).toContain(OLD);
  }
  for (const surface of [page, responder.comment()]) {
    expect(surface).toContain('CORP\\WS-FIN-0142$, NT-AUTORITÄT\\SYSTEM');
    expect(surface).toContain('203.0.113.0/24');
    expect(surface).toContain('is no IP address, or a network of several');
  }
  await responder.decide(request);
  const file = await responder.ended(request.instanceId);
  expect(file.effects).toMatchObject([{ target: expect.stringContaining(WS.id), state: 'confirmed' }]);
  const acted = responder.effects().map(({ path }) => path);
  expect(acted.filter((path) => [SHORT, OLD, DANA.id].some((id) => path.includes(id)))).toEqual([]);
  const geo = file.findings.find(({ action, status }) => action === 'sentinel.ip-geo' && status === 'ok');
  expect(geo).toMatchObject({ record: { id: '203.0.113.77' } });
});
