import type { ActivityCall, ActivityFault } from 'functions-emulator';
import type { Fault } from 'tenant-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { DEVICE, Responder, type ResponderOptions } from './responder.js';

let responder: Responder | undefined;
async function start(options?: ResponderOptions): Promise<Responder> {
  responder = await Responder.start(options);
  return responder;
}
afterEach(async () => {
  await responder?.stop();
  responder = undefined;
});

const status = (code: number, retryAfterSeconds?: number): Fault['answer'] => ({
  kind: 'status',
  status: code,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});
const machineReads = { host: 'api.security.microsoft.com', method: 'GET', path: /^\/api\/machines/ };
const isolate = { host: 'api.security.microsoft.com', method: 'POST', path: /\/isolate$/ };
const comments = { host: 'management.azure.com', method: 'PUT', path: /\/comments\// };

/** The enriching activity also plans if no enrichment has to be retried. This splits it into two activities. */
const decidesApart = ({ name, input }: ActivityCall): ActivityFault | undefined =>
  name === 'enrich' && JSON.stringify(input).includes('"thenDecide"')
    ? { kind: 'fail', message: 'node exited with code 137' }
    : undefined;

describe('an enrichment that fails for good', () => {
  it.each([
    [403, 'forbidden'],
    [429, 'throttled'],
    [500, 'service-unavailable'],
  ])('with %i is unknown, and nothing that needs it is proposed', async (code, errorCode) => {
    const app = await start({ faults: [{ ...machineReads, times: 1000, answer: status(code, 1) }] });
    const request = await app.asked(await app.deliver());
    const file = await app.caseFile(request.instanceId);
    const device = file?.findings.find(({ as }) => as === 'device');
    expect(device).toMatchObject({ status: 'failed', error: { code: errorCode } });
    expect(request.plan.steps.map(({ action }) => action)).not.toContain('defender.isolate-device');
    expect(request.plan.refused).toContainEqual(
      expect.objectContaining({ action: 'defender.isolate-device', code: 'condition-unknown' }),
    );
  });
});

it('asks again, as late as the service wants, when an enrichment is throttled', async () => {
  const app = await start({ faults: [{ ...machineReads, times: 4, answer: status(429, 45) }] });
  const request = await app.asked(await app.deliver());
  expect(request.plan.steps.map(({ action }) => action)).toContain('defender.isolate-device');
  expect(Date.parse(request.approval.requestedAt)).toBeGreaterThanOrEqual(Date.parse('2026-03-10T08:12:45Z'));
});

it('reads the state before it repeats an isolation whose answer was lost', async () => {
  const app = await start({ faults: [{ ...isolate, times: 1, answer: { kind: 'reset', after: 'effect' } }] });
  const request = await app.asked(await app.deliver());
  await app.decide(request);
  const file = await app.ended(request.instanceId);
  expect(file.effects[0]).toMatchObject({ action: 'defender.isolate-device', state: 'confirmed' });
  expect(app.tenant().machineActions.filter(({ machineId }) => machineId === DEVICE)).toHaveLength(1);
});

it('waits as long as the service wants before it asks for an isolation again', async () => {
  const app = await start({ faults: [{ ...isolate, times: 1, answer: status(429, 600) }] });
  const request = await app.asked(await app.deliver());
  await app.decide(request);
  const file = await app.ended(request.instanceId);
  const at = app.simulator
    .calls()
    .filter(({ path }) => isolate.path.test(path))
    .map((call) => call.at);
  expect(at).toHaveLength(2);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(600_000);
  expect(file.effects[0]?.state).toBe('confirmed');
});

it('carries out what was approved when the service is back after a quarter of an hour', async () => {
  const app = await start({ faults: [{ ...isolate, times: 8, answer: status(503) }] });
  const request = await app.asked(await app.deliver());
  await app.decide(request);
  const file = await app.ended(request.instanceId);
  expect(file.effects[0]).toMatchObject({ action: 'defender.isolate-device', state: 'confirmed' });
  expect(Date.parse(file.endedAt ?? '')).toBeGreaterThan(Date.parse('2026-03-10T08:27:00Z'));
});

it('does not wait for a century because a service asks for it', async () => {
  const century = status(429, 999_999_999);
  const app = await start({
    faults: [
      { host: 'management.azure.com', path: /\/Incidents\/[^/]+$/i, times: 1, answer: century },
      { ...isolate, times: 1, answer: century },
    ],
  });
  const request = await app.asked(await app.deliver());
  await app.decide(request);
  const file = await app.ended(request.instanceId);
  expect(file.effects[0]?.state).toBe('confirmed');
  expect(Date.parse(file.endedAt ?? '')).toBeLessThan(Date.parse('2026-03-10T13:00:00Z'));
});

it('carries out the other steps when one is refused by the service', async () => {
  const app = await start({ faults: [{ ...isolate, times: 1000, answer: status(403) }] });
  const request = await app.asked(await app.deliver());
  await app.decide(request);
  const file = await app.ended(request.instanceId);
  expect(file.outcome).toBe('partly-remediated');
  expect(file.effects.map(({ action, state }) => [action, state])).toEqual([
    ['defender.isolate-device', 'failed'],
    ['entra.revoke-sessions', 'confirmed'],
  ]);
  expect(app.comment()).toContain('failed');
});

it('handles the incident without a comment when none can be written', async () => {
  const app = await start({ faults: [{ ...comments, times: 1000, answer: status(403) }] });
  const request = await app.asked(await app.deliver());
  await app.decide(request);
  const file = await app.ended(request.instanceId);
  expect(file.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
  expect(file.comment).toBeUndefined();
  expect(file.timeline.map(({ text }) => text).join()).toContain('could not be written');
});

it('waits for Sentinel to come back before it reads the incident', async () => {
  const incidents = { host: 'management.azure.com', path: /\/Incidents\/[^/]+$/i };
  const app = await start({ faults: [{ ...incidents, times: 12, answer: status(503) }] });
  const request = await app.asked(await app.deliver());
  expect(request.plan.steps).not.toEqual([]);
});

it('looks again for an incident that Sentinel does not know yet', async () => {
  const incidents = { host: 'management.azure.com', path: /\/Incidents\/[^/]+$/i };
  const app = await start({ faults: [{ ...incidents, times: 2, answer: status(404) }] });
  const request = await app.asked(await app.deliver());
  expect(request.plan.steps).not.toEqual([]);
});

it('leaves the incident to an analyst when it may not read it', async () => {
  const incidents = { host: 'management.azure.com', path: /\/Incidents\/[^/]+$/i };
  const app = await start({ faults: [{ ...incidents, times: 1000, answer: status(403) }] });
  const file = await app.ended(await app.deliver());
  expect(file.outcome).toBe('needs-analyst');
  expect(file.error?.code).toBe('forbidden');
});

it('leaves the incident to an analyst when a part of the responder keeps failing', async () => {
  const app = await start({
    introspection: {
      onActivity: (activity) =>
        activity.name === 'decide'
          ? { kind: 'fail', message: 'broken, AccountKey=c2VjcmV0c2VjcmV0' }
          : decidesApart(activity),
    },
  });
  const file = await app.ended(await app.deliver());
  expect(file.outcome).toBe('needs-analyst');
  expect(file.error?.message).toContain('broken');
  expect(file.error?.message).not.toContain('c2VjcmV0');
  expect(app.comment()).toContain('needs an analyst');
});

it('keeps a request open after a decision that could not be evaluated', async () => {
  let failures = 0;
  const app = await start({
    introspection: {
      onActivity: ({ name }) =>
        name === 'evaluateDecision' && failures++ < 8 ? { kind: 'fail', message: 'broken' } : undefined,
    },
  });
  const request = await app.asked(await app.deliver());
  expect((await app.decide(request, { kind: 'reject', reason: 'A drill.', pending: true })).status).toBe(202);
  expect((await app.decide(request, { pending: true })).status).toBe(202);
  const file = await app.ended(request.instanceId);
  expect(failures).toBe(9);
  expect(file.timeline.map(({ text }) => text).join()).toContain('could not be evaluated and was refused');
  expect(file.decisions.map(({ decision: { kind }, outcome }) => [kind, outcome.code])).toEqual([
    ['approve', 'approved'],
  ]);
  expect(file.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
});

it('ends an enrichment task that never answers at its deadline, and continues', async () => {
  const app = await start({
    introspection: {
      onActivity: ({ name, input }) =>
        name === 'enrich' && JSON.stringify(input).includes('"as":"device"')
          ? { kind: 'delay', ms: 3_600_000 }
          : undefined,
    },
  });
  const request = await app.asked(await app.deliver());
  const file = await app.caseFile(request.instanceId);
  const device = file?.findings.find(({ as }) => as === 'device');
  expect(device).toMatchObject({ status: 'failed', error: { code: 'deadline-exceeded' } });
});

it.each(['readIncident', 'enrich', 'decide'])(
  'leaves the incident to an analyst when %s answers nonsense',
  async (activity) => {
    const app = await start({
      introspection: {
        onActivity: (called) =>
          called.name === activity
            ? { kind: 'replace', result: { ok: true, value: { plan: 1 } } }
            : decidesApart(called),
      },
    });
    const file = await app.ended(await app.deliver());
    const failed = file.findings.flatMap((finding) => (finding.status === 'failed' ? finding.error : []));
    expect([file.error, ...failed].map((error) => error?.code)).toContain('bad-activity-result');
    expect(file.outcome).toBe('needs-analyst');
    expect(app.effects()).toEqual([]);
  },
);
