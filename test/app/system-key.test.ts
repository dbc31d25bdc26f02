/** The durable extension's system key allows starting, signalling and purging, but not faking a case file or a decision. */
import { afterEach, describe, expect, it } from 'vitest';
import { type SealedMessage, type Sealer, sealedMessageSchema } from '../../src/domain/sealed.ts';
import { type Answer, type Request, Responder, until } from './responder.js';

let responder: Responder;
let session: string | undefined;
afterEach(async () => {
  session = undefined;
  await responder.stop();
});

/** Sends a call with the system key. */
function manage(method: string, path: string, body?: unknown): Promise<Answer> {
  const { keys } = responder.host;
  const join = path.includes('?') ? '&' : '?';
  return responder.fetch(`/runtime/webhooks/durabletask/${path}${join}code=${keys.system}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
const signal = (instanceId: string, operation: string, body: unknown) =>
  manage('POST', `entities/case/${instanceId}.1?op=${operation}`, body);

async function waiting(): Promise<Request> {
  responder = await Responder.start();
  return responder.asked(await responder.deliver());
}
const shown = async (path: string) => {
  const { json } = await responder.call('GET', path);
  return json;
};
/** The shown case without its alarms. */
const shownCase = async (instanceId: string) => {
  const { alarms: _, problem: __, ...file } = await shown(`/api/incidents/${instanceId}`);
  return file;
};
const alarm = (instanceId: string, code: string, count = 1) =>
  until(`the alarm ${code}`, async () => {
    const { alarms = [] } = await shown(`/api/incidents/${instanceId}`);
    return (alarms as { code: string; count: number }[]).find(
      (one) => one.code === code && one.count >= count,
    );
  });
const page = async (path: string) => {
  session ??= await signedIn();
  return (await responder.fetch(`/approvals/${path}`, { headers: { cookie: session } })).text;
};
async function signedIn(): Promise<string> {
  const form = new URLSearchParams({ token: responder.linkToken });
  const answer = await responder.fetch('/sign-in', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: responder.host.url,
    },
    body: form.toString(),
  });
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}
/** The sealed messages of the orchestration, from its history. */
async function sealedUpdates(instanceId: string): Promise<unknown[]> {
  const { text } = await manage('GET', `instances/${instanceId}?showHistory=true&showHistoryOutput=true`);
  const found: unknown[] = [];
  const look = (value: unknown): void => {
    if (typeof value === 'string' && value.includes('case-update')) {
      try {
        look(JSON.parse(value));
      } catch {
        return;
      }
    }
    if (typeof value !== 'object' || value === null) return;
    const sealed = sealedMessageSchema.safeParse(value);
    if (sealed.success) found.push(sealed.data);
    else for (const member of Object.values(value)) look(member);
  };
  look(JSON.parse(text));
  return found;
}

describe('a signal that the app did not seal', () => {
  /** Changes the device, but not the plan's hash. */
  const other = ({ plan, approval }: Request) => ({
    sequence: 99,
    changes: {
      plan: {
        ...plan,
        steps: plan.steps.map((step) => ({ ...step, target: 'another-device', title: 'Collect logs' })),
      },
    },
    approvals: [{ ...approval, state: 'rejected' }],
    decisions: [],
    effects: [],
    timeline: [],
  });
  const made: (readonly [string, string, (request: Request, keyId: string) => unknown])[] = [
    ['an update as it was sent before', 'record', other],
    [
      'a sealed one with a made-up seal',
      'record',
      (request, keyId) => ({
        purpose: 'case-update',
        instanceId: request.instanceId,
        generation: 1,
        sequence: 99,
        content: JSON.stringify(other(request)),
        seal: { keyId, mac: 'x'.repeat(43) },
      }),
    ],
    [
      'a refused decision',
      'recordRefusedDecision',
      ({ approval }) => ({
        id: 'made-up',
        requestId: approval.id,
        at: '2026-03-10T08:12:00.000Z',
        code: 'ended',
        message: 'Nothing to see here.',
        kind: 'approve',
        steps: [],
      }),
    ],
    ['an operation that there is not', 'delete', () => ({})],
  ];

  it.each(made)('changes nothing that is shown, and is an alarm: %s', async (_what, operation, body) => {
    const request = await waiting();
    const { instanceId, approval } = request;
    const before = await shownCase(instanceId);
    // The key id is not secret: histories contain it.
    const [{ seal }] = (await sealedUpdates(instanceId)) as [SealedMessage];
    expect((await signal(instanceId, operation, body(request, seal.keyId))).status).toBe(202);
    await alarm(instanceId, 'forged');
    expect(await shownCase(instanceId)).toEqual(before);
    expect(await page(approval.id)).toContain('Somebody tried to change this case file');
    expect(await page(instanceId)).toContain('Somebody tried to change this case file');
    const { entries } = await shown(`/api/approvals/${approval.id}/audit`);
    expect(entries).toContainEqual(expect.objectContaining({ event: 'alarm' }));
    const logged = responder.events.some((e) => e.kind === 'log' && /Alarm forged/.test(JSON.stringify(e)));
    expect(logged).toBe(true);
    // The original request can still be decided, and its steps are carried out.
    const after = await responder.request(approval.id);
    expect((await responder.decide(after)).json.code).toBe('approved');
    const { effects } = await responder.ended(instanceId);
    expect(effects.map(({ target }) => target)).not.toContain('another-device');
    expect(effects).toHaveLength(approval.stepIds.length);
  });

  it('begins no case file', async () => {
    const { instanceId } = await waiting();
    await manage('POST', `entities/case/${instanceId}.2?op=record`, {});
    await signal(instanceId, 'record', {});
    await alarm(instanceId, 'forged');
    expect((await manage('GET', `entities/case/${instanceId}.2`)).status).toBe(404);
  });
});

it('makes up no earlier handling of an incident', async () => {
  const { instanceId } = await waiting();
  const made = {
    generation: 7,
    receivedAt: '2026-03-10T08:12:00.000Z',
    outcome: 'rejected',
    effects: ['Nothing.'],
  };
  const about = { purpose: 'earlier-run', instanceId, generation: 7, sequence: 0 };
  const sealed = { ...about, content: JSON.stringify(made), seal: { keyId: '00000000', mac: 'x' } };
  for (const body of [made, sealed]) {
    expect((await manage('POST', `entities/runs/${instanceId}?op=keep`, body)).status).toBe(202);
  }
  await responder.host.idle();
  expect((await manage('GET', `entities/runs/${instanceId}`)).status).toBe(404);
  const alarms = responder.events.filter(
    (e) => e.kind === 'log' && /Alarm forged at the runs/.test(e.message),
  );
  expect(alarms).toHaveLength(2);
});

it('what was sealed and sent once changes nothing when it is sent again, in whatever order and place', async () => {
  const request = await waiting();
  const { instanceId } = request;
  expect((await responder.decide(request, { kind: 'reject', reason: 'A test.' })).json.code).toBe('rejected');
  await responder.ended(instanceId);
  const before = await shownCase(instanceId);
  const updates = await sealedUpdates(instanceId);
  expect(updates.length).toBeGreaterThan(2);
  for (const update of updates.toReversed()) await signal(instanceId, 'record', update);
  // A genuine message of another case file: misplaced.
  await signal(instanceId, 'recordRefusedDecision', updates[0]);
  await alarm(instanceId, 'forged');
  expect(await shownCase(instanceId)).toEqual(before);
  expect((await shown(`/api/incidents/${instanceId}`)).problem).toBeUndefined();
});

describe('a case file that was purged while its run waits', () => {
  it('is incomplete as soon as the run goes on, and nothing is decided by it', async () => {
    const request = await waiting();
    const { instanceId, approval } = request;
    expect((await manage('DELETE', `instances/@case@${instanceId}.1`)).json.instancesDeleted).toBe(1);
    expect((await responder.decide(request)).status).toBe(404);
    // The host waits for the missing earlier messages before it delivers the next one.
    responder.leave();
    await alarm(instanceId, 'incomplete');
    expect((await shown(`/api/incidents/${instanceId}`)).problem).toMatchObject({ code: 'case-incomplete' });
    expect(await page(instanceId)).toContain('This case file is incomplete');
    expect((await responder.decide(request)).json.code).toBe('not-intact');
    expect((await responder.call('GET', `/api/approvals/${approval.id}`)).json.code).toBe('case-incomplete');
    expect(responder.effects()).toEqual([]);
  });
});

describe('an instance that the app has not started', () => {
  const made: (readonly [string, (sealed: ReturnType<Sealer['seal']>) => unknown])[] = [
    ['with an input as it was before', ({ content }) => JSON.parse(content)],
    ['with a made-up seal', (sealed) => ({ ...sealed, seal: { keyId: '00000000', mac: 'x' } })],
    ['without an input', () => undefined],
  ];
  it.each(made)(
    'reads nothing, does nothing, and makes room for one that a trigger starts: %s',
    async (_w, input) => {
      responder = await Responder.start({ nobodyIsThere: true });
      const event = JSON.parse(JSON.stringify(await import('./responder.js').then((m) => m.readEvent())));
      // The id is derived from the incident, so it is not secret.
      const known = await Responder.start({ nobodyIsThere: true });
      const instanceId = await known.deliver(event);
      await known.stop();
      const armId = (event.object as { id: string } | undefined)?.id ?? '/subscriptions/x';
      const content = JSON.stringify({
        incidentKey: armId.toLowerCase(),
        origin: { kind: 'sentinel', armId },
        trigger: 'http',
        receivedAt: '2026-03-10T08:12:00.000Z',
      });
      const about = { purpose: 'start', instanceId, generation: 1, sequence: 0 } as const;
      const body = input({ ...about, content, seal: { keyId: '', mac: '' } });
      expect((await manage('POST', `orchestrators/handleIncident/${instanceId}`, body)).status).toBe(202);
      await until('its failure', async () => {
        const { json } = await manage('GET', `instances/${instanceId}`);
        return json.runtimeStatus === 'Failed' || undefined;
      });
      expect(responder.simulator.calls().filter(({ path }) => !/token/.test(path))).toEqual([]);
      expect((await manage('GET', `entities/case/${instanceId}.1`)).status).toBe(404);
      expect(await responder.deliver(event)).toBe(instanceId);
      const file = await responder.ended(instanceId);
      expect(file.outcome).toBe('expired');
    },
  );
});

it('an ended instance that is started again by the management API is an alarm, and decides nothing', async () => {
  responder = await Responder.start();
  const request = await responder.asked(await responder.deliver());
  const { instanceId, approval } = request;
  expect((await responder.decide(request, { kind: 'reject', reason: 'A test.' })).json.code).toBe('rejected');
  await responder.ended(instanceId);
  const before = await shownCase(instanceId);
  const restart = `instances/${instanceId}/restart?restartWithNewInstanceId=false`;
  await until('the restart', async () => (await manage('POST', restart)).status === 202 || undefined);
  await alarm(instanceId, 'rewritten');
  expect(await shownCase(instanceId)).toEqual(before);
  const refused = await responder.decide(request, { kind: 'approve' });
  expect([refused.status, refused.json.code]).toEqual([409, 'not-intact']);
  expect((await responder.call('GET', `/api/approvals/${approval.id}`)).json.code).toBe('case-rewritten');
  expect(await page(approval.id)).toContain('This case file was tampered with');
  expect(await page(approval.id)).not.toContain('<form');
  expect(responder.effects()).toEqual([]);
});
