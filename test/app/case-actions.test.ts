/** Responses on the incident itself: they are no news to the responder, and what others change stays. */
import { expect, it } from 'vitest';
import { again, change, type Event, nameOf, noted, start, submit } from './later-events.js';
import { type Tenant, until } from './responder.js';

const CLOSED = { classification: 'TruePositive', classificationReason: 'SuspiciousActivity' };
const RULES = `respond:
  - id: lower
    action: sentinel.set-severity
    for: incident
    with: { severity: Low }
    when: entity.service == "sentinel" && incident.severity == "high"
    tier: auto
    unattended: true
    why: A test.
  - id: label
    action: sentinel.add-label
    for: incident
    with: { label: contained }
    when: device.exists(d, d.riskScore == "High")
    tier: auto
    unattended: true
    why: A test.
  - id: other-label
    action: sentinel.add-label
    for: incident
    with: { label: watched }
    when: incident.alertCount > 0
    tier: auto
    unattended: true
    why: A test.
  - id: close
    action: sentinel.close
    for: incident
    with: { classification: TruePositive, reason: SuspiciousActivity }
    when: incident.alertCount > 0
    tier: auto
    unattended: true
    why: A test.
`;

it('takes its own changes for no news, and goes on after it has closed the incident', async () => {
  const { responder, all } = await start(1, undefined, { playbook: [['respond:\n', RULES]] });
  const [event] = all as [Event];
  const incident = () =>
    responder.tenant().incidents.find(({ name }) => name === nameOf(event)) as Tenant['incidents'][number];
  const instanceId = await responder.deliver(event);
  const request = await responder.asked(instanceId);
  const closed = await until('the steps without approval', async () => {
    const file = await responder.caseFile(instanceId);
    return file?.effects.filter(({ proof }) => proof !== undefined).length === 4 ? file : undefined;
  });
  expect(closed.effects.map(({ state }) => state)).toEqual(Array(4).fill('confirmed'));
  expect(incident().properties).toMatchObject({ severity: 'Low', status: 'Closed', ...CLOSED });
  const labels = incident().properties.labels as { labelName: string }[];
  expect(labels.map(({ labelName }) => labelName)).toEqual(expect.arrayContaining(['contained', 'watched']));

  // What cannot be read of a closed incident is not none.
  responder.simulator.addFault({
    host: 'management.azure.com',
    method: 'POST',
    path: /\/entities$/,
    times: 3,
    answer: { kind: 'status', status: 500 },
  });
  expect(await submit(responder, again(event))).toBe('updated');
  expect((await responder.decide(request)).json.code).toBe('approved');
  responder.leave();
  await noted(responder, instanceId, 'Nothing that matters has changed');
  const done = await responder.ended(instanceId);
  expect(done.outcome).toBe('partly-remediated');
  expect(done.effects.filter(({ state }) => state === 'confirmed').length).toBeGreaterThan(4);
  expect(responder.effects().filter(({ path }) => path.endsWith('/isolate'))).toHaveLength(1);

  // After the end, too: only a change of somebody else begins the next run.
  expect(await submit(responder, again(event))).not.toBe('restarted');
  change(responder, event, ({ properties }) => {
    properties.severity = 'Medium';
    properties.status = 'Active';
  });
  expect(await submit(responder, again(event))).toBe('updated');
  await noted(responder, instanceId, 'No playbook applies any more');
});
