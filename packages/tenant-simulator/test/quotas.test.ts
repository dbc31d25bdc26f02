import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { path } from '../../../src/domain/builders/path.js';
import { ResponderError } from '../../../src/domain/errors.js';
import { DANA, type RunningContoso, startContoso, triggerBody, WORKSTATION } from './contoso.js';

const anything = z.unknown();
let tenant: RunningContoso;
afterEach(() => tenant.simulator.stop());

const machine = () => tenant.clients.defender.get(path`/api/machines/${WORKSTATION}`, anything);
const risk = () =>
  tenant.clients.graph.get(path`/v1.0/identityProtection/riskyUsers/${DANA}`, z.looseObject({}));
const useOf = (family: string) => tenant.simulator.quotaUse().find((use) => use.family === family);

/** Calls until the first one that is throttled, without the client's own repetitions. */
async function callsUntilThrottled(call: () => Promise<unknown>): Promise<{ calls: number; error: unknown }> {
  for (let calls = 0; ; calls += 1) {
    try {
      await call();
    } catch (thrown) {
      if (!(thrown instanceof ResponderError)) throw thrown;
      return { calls, error: thrown.info };
    }
  }
}

it('refuses the 101st call of a minute, and says when the first one leaves it', async () => {
  tenant = await startContoso();
  tenant.simulator.enforceQuotas();
  for (let i = 0; i < 40; i += 1) await machine();
  tenant.clock.advance(20);
  const { calls, error } = await callsUntilThrottled(machine);
  expect(calls).toBe(60);
  expect(error).toMatchObject({ code: 'throttled', serviceCode: 'TooManyRequests', retryAfterMs: 40_000 });
  tenant.clock.advance(40);
  expect((await callsUntilThrottled(machine)).calls).toBe(40);
  expect(useOf('defender-machines')).toEqual({
    family: 'defender-machines',
    calls: 142,
    throttled: 2,
    avoidable: 2,
  });
});

it('refuses a second call of Identity Protection within a second, without Retry-After', async () => {
  tenant = await startContoso();
  tenant.simulator.enforceQuotas();
  await risk();
  const error = await risk().catch((thrown: ResponderError) => thrown.info);
  expect(error).toMatchObject({ code: 'throttled', serviceCode: 'TooManyRequests' });
  expect(error).not.toHaveProperty('retryAfterMs');
  tenant.clock.advance(1);
  await risk();
});

it('refills the tokens of Resource Manager, and counts every POST as a write', async () => {
  tenant = await startContoso();
  tenant.simulator.enforceQuotas();
  const { id } = triggerBody().object;
  const url = `${tenant.simulator.url}${id}/alerts?api-version=2025-09-01`;
  const post = async () =>
    fetch(url, { method: 'POST', headers: { 'x-forwarded-host': 'management.azure.com' } });
  const statuses = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, post));
    return answers.filter(({ status }) => status === 429);
  };
  expect(await statuses(200)).toHaveLength(0);
  const [refused] = await statuses(1);
  expect(refused?.headers.get('retry-after')).toBe('1');
  expect(await refused?.json()).toMatchObject({ error: { code: 'SubscriptionRequestsThrottled' } });
  tenant.clock.advance(2);
  expect(await statuses(21)).toHaveLength(1);
  expect(useOf('arm-reads')?.calls).toBe(0);
});

it('only counts unless it enforces, and counts calls within an injected Retry-After as avoidable', async () => {
  tenant = await startContoso({
    faults: [
      {
        host: 'api.security.microsoft.com',
        path: /machines/,
        times: 2,
        answer: { kind: 'status', status: 429, retryAfterSeconds: 30 },
      },
    ],
  });
  for (let i = 0; i < 101; i += 1) await machine().catch(() => undefined);
  expect(useOf('defender-machines')).toMatchObject({ calls: 101, throttled: 2, avoidable: 1 });
});
