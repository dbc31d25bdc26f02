/** An alert that arrives alone and names no incident: its incident is looked up, and handled once. */
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDefenderIncident, alertOf, defender, send } from './defender-incidents.js';
import {
  type AlertedIncident,
  alertRow,
  CUSTOMER,
  graphAlert,
  incidentOf,
  mayReadAlerts,
  notices,
  searched,
  startsOf,
  storedBodies,
  streamingRecord,
  triggerBody,
  WITH_LOG,
  WITHOUT_LOG,
} from './lone-alerts.js';
import { Responder, type Tenant, until, WORKSPACE } from './responder.js';

const MINUTE = 60_000;
let responder: Responder;
let bus: ServiceBusClient;
/** Virtual time stops, unless a test lets it run. */
let goOn: () => void;

beforeAll(async () => {
  responder = await Responder.start({
    nobodyIsThere: true,
    settings: WITH_LOG,
    change: (tenant) => {
      tenant.incidents = [];
      mayReadAlerts(tenant);
      addDefenderIncident(tenant, '77', { severity: 'low' });
    },
  });
  goOn = responder.hold();
  bus = new ServiceBusClient(responder.host.serviceBusConnectionString ?? '');
});
afterAll(async () => {
  goOn();
  await bus.close();
  await responder.stop();
});

/** Lets virtual time run meanwhile. */
async function inTime<T>(what: () => Promise<T>): Promise<T> {
  goOn();
  try {
    return await what();
  } finally {
    goOn = responder.hold();
  }
}
const add = (...added: AlertedIncident[]) =>
  responder.simulator.update((tenant: Tenant) => {
    tenant.incidents.push(...added.map(({ incident }) => incident));
  });
const post = async (body: unknown) => (await send(responder, body)).json;
const endOf = ({ instanceId }: { readonly instanceId?: unknown }) => searched(responder, String(instanceId));
const idOf = ({ incident }: AlertedIncident) => incident.name;
const runs = () => startsOf(responder.events, 'incident-');
const queries = () => responder.simulator.calls().filter(({ path }) => path.endsWith('/query'));
const bodiesWith = async (code: string) =>
  (await storedBodies(responder)).filter((stored) => stored.code === code);
const event = (one: AlertedIncident) => ({
  id: `${WORKSPACE}/providers/Microsoft.SecurityInsights/Incidents/${idOf(one)}`,
  type: 'Microsoft.SecurityInsights/Incidents',
  properties: {},
});

it('finds the incident of the alert in the log of the workspace, and handles it', async () => {
  const one = incidentOf(10);
  add(one);
  const answer = await send(responder, triggerBody(one.alerts[0]));
  expect([answer.status, answer.json.status, answer.json.alertId]).toEqual([202, 'searching', one.alerts[0]]);
  const found = await endOf(answer.json);
  const whole = await responder.deliver(event(one));
  expect(found).toMatchObject({ state: 'found', incidents: [{ instanceId: whole }] });
  const file = await inTime(() => responder.ended(whole));
  expect(file.timeline[0]?.text).toContain('accepted through HTTP');
  expect(await storedBodies(responder)).toEqual([]);
});

it('takes an open incident before a closed one, and a closed one if there is no other', async () => {
  const [closed, open, alone] = [incidentOf(11), incidentOf(12), incidentOf(13)];
  for (const { incident } of [closed, alone]) incident.properties.status = 'Closed';
  open.incident.alerts = closed.incident.alerts;
  add(closed, open, alone);
  const found = await endOf(await post(triggerBody(closed.alerts[0])));
  expect(found.incidents).toMatchObject([{ key: expect.stringContaining(idOf(open)) }]);
  expect((await endOf(await post(triggerBody(alone.alerts[0])))).incidents).toHaveLength(1);
});

it('waits for minutes for the incident, and for hours for the log', async () => {
  const one = incidentOf(14);
  const before = queries().length;
  responder.simulator.addFault({
    host: 'api.loganalytics.io',
    path: /./,
    skip: 1,
    times: 3,
    answer: { kind: 'status', status: 503, retryAfterSeconds: 1_200 },
  });
  const answer = await post(alertRow(one.alerts[0]));
  // Later than the half hour that is waited for an incident: the outage does not use it up.
  const added = responder.at(50 * MINUTE, async () => add(one));
  const found = await inTime(async () => {
    await added;
    return endOf(answer);
  });
  expect(found).toMatchObject({ state: 'found' });
  expect(queries().length - before).toBeGreaterThan(4);
});

it('starts one run for several alerts of one incident, each delivered twice, in every shape', async () => {
  const one = incidentOf(15);
  const [first, second] = one.alerts;
  const id = `${WORKSPACE}/providers/Microsoft.SecurityInsights/Entities/${first}`;
  const bodies = [
    triggerBody(first),
    alertRow(second),
    { id, kind: 'SecurityAlert', properties: { systemAlertId: first.toUpperCase() } },
  ];
  const before = runs().length;
  const results = (await post([...bodies, ...bodies])).results as { status: string; instanceId: string }[];
  expect(results.map(({ status }) => status).sort()).toEqual([
    ...Array(3).fill('duplicate'),
    ...Array(3).fill('searching'),
  ]);
  add(one);
  const ids = [...new Set(results.map(({ instanceId }) => instanceId))];
  const ends = await inTime(() => Promise.all(ids.map((instanceId) => endOf({ instanceId }))));
  expect(ends).toHaveLength(3);
  expect(new Set(ends.map((end) => JSON.stringify(end.incidents))).size).toBe(1);
  expect(runs().length - before).toBe(1);
});

it('takes a message that is repeated after the end for the same one', async () => {
  const one = incidentOf(16);
  add(one);
  const sender = bus.createSender('incidents');
  const before = startsOf(responder.events, 'alert-').length;
  for (const messageId of ['1', '2']) {
    await sender.sendMessages({ body: triggerBody(one.alerts[0]), messageId });
    const [instanceId] = await until('the look-up', async () => {
      const started = startsOf(responder.events, 'alert-').slice(before);
      return started.length > 0 ? started : undefined;
    });
    expect(await endOf({ instanceId })).toMatchObject({ state: 'found' });
  }
  await until('both', async () =>
    responder.events.filter((one) => one.kind === 'log' && /^alert-[\w-]+: duplicate/.test(one.message))
      .length > 0
      ? true
      : undefined,
  );
  expect(startsOf(responder.events, 'alert-').length - before).toBe(1);
});

it('finds the incident of an alert of Defender by Microsoft Graph, for an alert and for a record', async () => {
  const alert = { ...alertOf('78', 1), incidentId: null };
  responder.simulator.update((tenant: Tenant) => {
    addDefenderIncident(tenant, '78', { severity: 'low', alerts: [alert] });
  });
  const answers = [await post(graphAlert('da77_1')), await post(streamingRecord('da78_1'))];
  expect(await endOf(answers[0] ?? {})).toMatchObject({
    state: 'found',
    incidents: [{ key: expect.stringMatching(/^xdr:.*\/77$/) }],
  });
  const found = await inTime(() => {
    responder.simulator.update((tenant: Tenant) => {
      for (const { id, alerts } of defender(tenant).securityIncidents)
        for (const one of alerts) one.incidentId = id;
    });
    return endOf(answers[1] ?? {});
  });
  expect(found).toMatchObject({
    state: 'found',
    incidents: [{ key: expect.stringMatching(/^xdr:.*\/78$/) }],
  });
});

it('looks an alert without a tenant up by its own id, and not by the number of its incident', async () => {
  responder.simulator.update((tenant: Tenant) => {
    addDefenderIncident(tenant, '79', { severity: 'low' });
    addDefenderIncident(tenant, '80', { severity: 'low' });
  });
  const { tenantId: _, incidentWebUrl: __, ...alert } = alertOf('79', 1);
  const answer = await post({
    ...alert,
    incidentId: '80',
    incidentWebUrl: 'https://security.microsoft.com/incidents/80',
  });
  expect(answer).toMatchObject({ status: 'searching' });
  expect(await endOf(answer)).toMatchObject({
    state: 'found',
    incidents: [{ key: expect.stringMatching(/^xdr:.*\/79$/) }],
  });
});

it('stores an alert that never gets an incident, and looks again when it is submitted again', async () => {
  const one = incidentOf(17);
  const body = triggerBody(one.alerts[0]);
  await bus.createSender('incidents').sendMessages({ body, messageId: 'never' });
  const [stored] = await inTime(() =>
    until('a stored body', async () => {
      const all = await bodiesWith('alert-without-incident');
      return all.length > 0 ? all : undefined;
    }),
  );
  expect(stored).toMatchObject({ state: 'open', count: 1 });
  const reported = { id: stored?.id, code: 'alert-without-incident', trigger: 'service-bus' };
  expect(await notices(bus)).toMatchObject([{ ...reported, messageId: 'never' }]);
  const shown = await responder.call('GET', `/api/rejected/${stored?.id}`);
  expect(JSON.parse((shown.json.content as { text: string }).text)).toEqual(body);
  expect(shown.json.next).toContain('submit the stored body again');
  const again = async () => {
    const { json } = await responder.call('POST', `/api/rejected/${stored?.id}/resubmit`);
    return (json.results as { instanceId: string }[])[0] ?? {};
  };
  const first = await again();
  expect(await inTime(() => endOf(first))).toMatchObject({ state: 'rejected', body: stored?.id });
  expect(await bodiesWith('alert-without-incident')).toMatchObject([{ state: 'open', count: 2 }]);
  add(one);
  expect(await endOf(await again())).toMatchObject({ state: 'found' });
  expect(await bodiesWith('alert-without-incident')).toMatchObject([{ state: 'resubmitted', count: 2 }]);
});

it('stores and reports the alert of a look-up that ended without a result', async () => {
  const one = incidentOf(24);
  const sent = await post(alertRow(one.alerts[0], { AlertName: 'Ended too early' }));
  const { system } = responder.host.keys;
  await notices(bus);
  const url = `/runtime/webhooks/durabletask/instances/${sent.instanceId}/terminate?code=${system}`;
  expect((await responder.fetch(url, { method: 'POST' })).status).toBe(202);
  const found = async () => (await bodiesWith('kql-alert'))[0];
  const stored = await inTime(() => until('the stored alert', found));
  expect(await notices(bus)).toMatchObject([{ id: stored.id, code: 'kql-alert', trigger: 'http' }]);
  add(one);
  const { json } = await responder.call('POST', `/api/rejected/${stored.id}/resubmit`);
  expect(await endOf((json.results as object[])[0] ?? {})).toMatchObject({ state: 'found' });
});

it('names the permission that is missing at once; granted later, the stored alert is found', async () => {
  const one = incidentOf(18);
  add(one);
  for (const host of ['api.loganalytics.io', 'graph.microsoft.com'] as const) {
    const path = /query$|alerts_v2/;
    responder.simulator.addFault({ host, path, times: 2, answer: { kind: 'status', status: 403 } });
  }
  const bodies = [triggerBody(one.alerts[0]), graphAlert('da77_1', { title: 'Again' })];
  for (const [body, code, permission, words] of [
    [
      bodies[0],
      'alert-trigger',
      'Log Analytics Reader',
      'This alert of the "Microsoft Sentinel alert" trigger',
    ],
    [bodies[1], 'graph-alert', 'SecurityAlert.Read.All', 'This security alert of Microsoft Graph'],
  ] as const) {
    const end = await endOf(await post(body));
    expect(end).toMatchObject({ state: 'rejected', code });
    const path = `/api/rejected/${end.body}`;
    const reason = `${words} is not an incident, and its incident could not be looked up (forbidden).`;
    const next = expect.stringContaining(permission);
    expect((await responder.call('GET', path)).json).toMatchObject({ reason, next });
    // It fails again at once, perhaps before the resubmission is recorded.
    await responder.call('POST', `${path}/resubmit`);
    await until('the second, and its record', async () => {
      const { count, actions } = (await responder.call('GET', path)).json;
      return count === 2 && (actions as object[]).length === 1 ? true : undefined;
    });
    expect((await responder.call('GET', path)).json.state).toBe('open');
    const { json } = await responder.call('POST', `${path}/resubmit`);
    expect(await endOf((json.results as object[])[0] ?? {})).toMatchObject({ state: 'found' });
  }
});

it('asks only what is configured, whatever the alert says', async () => {
  const other = '00000000-0000-4000-8000-0000000000ee';
  const { alerts } = incidentOf(19);
  const before = queries().length;
  const entityIn = (workspace: string) => ({
    id: `${workspace}/providers/Microsoft.SecurityInsights/Entities/${alerts[0]}`,
    kind: 'SecurityAlert',
    name: alerts[0],
  });
  const codes = [];
  for (const body of [
    triggerBody(alerts[0], { WorkspaceId: other }),
    alertRow(alerts[0], { TenantId: other }),
    entityIn(WORKSPACE.replace('law-soc', 'law-others')),
    entityIn(WITHOUT_LOG),
    graphAlert('da77_1', { tenantId: other }),
  ])
    codes.push((await post(body)).code);
  expect(codes).toEqual([
    'alert-lookup-not-configured',
    'alert-lookup-not-configured',
    'unknown-workspace',
    'alert-lookup-not-configured',
    'unknown-tenant',
  ]);
  expect(queries().length).toBe(before);
  expect((await bodiesWith('alert-lookup-not-configured')).length).toBe(3);
});

it('counts everyone who submits the alert as a submitter of the incident', async () => {
  const one = incidentOf(20, 'High');
  const sent = await Promise.all(
    (['Robin Keller', 'Kim Larsen'] as const).map((by) =>
      responder.call('POST', '/api/incidents', triggerBody(one.alerts[0]), { by }),
    ),
  );
  add(one);
  const ends = await inTime(() => Promise.all(sent.map(({ json }) => endOf(json))));
  const [{ instanceId = '' } = {}] = (ends[0]?.incidents ?? []) as { instanceId: string }[];
  const submitters = await inTime(() =>
    until('both', async () => {
      const file = await responder.caseFile(instanceId);
      return file?.submitters?.length === 2 ? file.submitters : undefined;
    }),
  );
  expect([...submitters].sort()).toEqual([
    '00000000-0000-4000-8000-00000000a102',
    '00000000-0000-4000-8000-00000000a104',
  ]);
});

it('keeps who submitted an alert from deciding while its incident is still looked up', async () => {
  const one = incidentOf(22, 'High');
  add(one);
  // The log is behind Sentinel, whose trigger delivers the incident.
  const path = /query$/;
  const answer = { kind: 'status', status: 503, retryAfterSeconds: 3_000 } as const;
  responder.simulator.addFault({ host: 'api.loganalytics.io', path, times: 1, answer });
  const by = 'Robin Keller';
  const sent = await responder.call('POST', '/api/incidents', alertRow(one.alerts[1]), { by });
  expect(sent.json.status).toBe('searching');
  await until('the first attempt', async () =>
    responder.events.find((seen) => seen.kind === 'invocation-ended' && seen.name === 'findIncidents'),
  );
  const request = await responder.asked(await responder.deliver(event(one)));
  const refused = await responder.decide(request, { by });
  expect([refused.status, refused.json.code]).toEqual([403, 'own-incident']);
  expect((await responder.decide(request, { by: 'Local analyst' })).json.status).toBe('accepted');
});

it('keeps a body apart from another one about the same alert', async () => {
  const one = incidentOf(23);
  const bodies = [
    triggerBody(one.alerts[0]),
    triggerBody(one.alerts[0], { AlertDisplayName: 'Another one' }),
  ];
  const answers = await Promise.all(bodies.map(post));
  expect(answers.map(({ status }) => status)).toEqual(['searching', 'searching']);
  const ends = await inTime(() => Promise.all(answers.map(endOf)));
  expect(new Set(ends.map(({ body }) => body)).size).toBe(2);
});

it('accepts a row of the log without an ARM id as the incident of the workspace with its customer id', async () => {
  const one = incidentOf(21);
  add(one);
  const row = { TenantId: CUSTOMER.toUpperCase(), IncidentName: idOf(one).toUpperCase(), Title: 'Made up' };
  const answer = await post(row);
  expect(answer).toMatchObject({ status: 'accepted' });
  expect(await responder.deliver(event(one))).toBe(answer.instanceId);
  const other = { ...row, TenantId: '00000000-0000-4000-8000-0000000000ee' };
  expect(await post(other)).toMatchObject({ code: 'unknown-workspace' });
});

it('looks nothing up for an instance that the app did not start', async () => {
  const before = [queries().length, runs().length, (await storedBodies(responder)).length];
  const { system } = responder.host.keys;
  const [instanceId, purpose] = ['alert-forged', 'alert'];
  const content = JSON.stringify({
    alert: { kind: 'sentinel', id: incidentOf(10).alerts[0], customerId: CUSTOMER },
    trigger: 'http',
    content: { form: 'json', data: '' },
  });
  const seal = { keyId: '', mac: '' };
  const body = JSON.stringify({ purpose, instanceId, generation: 1, sequence: 0, content, seal });
  const headers = { 'content-type': 'application/json' };
  const url = `/runtime/webhooks/durabletask/orchestrators/findIncident/${instanceId}?code=${system}`;
  await responder.fetch(url, { method: 'POST', body, headers });
  const state = await until(
    'its end',
    async () =>
      responder.events.flatMap((one) =>
        one.kind === 'instance-changed' && one.instanceId === instanceId && /ed$/.test(one.runtimeStatus)
          ? [one.runtimeStatus]
          : [],
      )[0],
  );
  expect(state).toBe('Failed');
  expect([queries().length, runs().length, (await storedBodies(responder)).length]).toEqual(before);
});
