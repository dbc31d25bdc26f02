import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TenantState } from 'tenant-simulator';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Clients } from '../../../src/actions/services.js';
import { armId, path } from '../../../src/domain/builders/path.js';
import {
  DANA,
  ManualClock,
  OFFLINE,
  type RunningContoso,
  startContoso,
  triggerBody,
  WORKSTATION,
} from './contoso.js';

const anything = z.unknown();
const incident = armId(triggerBody().object.id);

/** What the responder, an analyst or time may do to the tenant. Refusals are part of it. */
const step = fc.oneof(
  fc.record({ do: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 200 }) }),
  fc.record({
    do: fc.constantFrom('isolate' as const, 'unisolate' as const),
    machine: fc.constantFrom(WORKSTATION, OFFLINE),
  }),
  fc.record({ do: fc.constant('enable' as const), enabled: fc.boolean() }),
  fc.record({ do: fc.constant('comment' as const), message: fc.string({ minLength: 1 }) }),
  fc.record({ do: fc.constant('connect' as const), connected: fc.boolean() }),
  fc.record({ do: fc.constant('restart' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function call({ graph, defender, arm }: Clients, what: Step): Promise<void> {
  const comment = path`${incident}/comments/${'one'}?api-version=2025-09-01`;
  const etagSchema = z.looseObject({ etag: z.string() });
  if (what.do === 'isolate' || what.do === 'unisolate') {
    await defender.post(
      path`/api/machines/${what.machine}/${what.do}`,
      { Comment: 'x', IsolationType: 'Full' },
      anything,
    );
  } else if (what.do === 'enable') {
    await graph.patch(path`/v1.0/users/${DANA}`, { accountEnabled: what.enabled }, anything);
  } else if (what.do === 'comment') {
    const before = await arm.get(comment, etagSchema).catch(() => undefined);
    await arm.put(comment, { etag: before?.body.etag, properties: { message: what.message } }, anything);
  }
}

it('whatever happens, a restart changes nothing, and no machine has two open actions of a type', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const stateDirectory = mkdtempSync(join(tmpdir(), 'tenant-'));
      const clock = new ManualClock();
      let tenant: RunningContoso = await startContoso({ stateDirectory, clock });
      try {
        for (const what of steps) {
          if (what.do === 'advance') clock.advance(what.seconds);
          if (what.do === 'connect') {
            tenant.simulator.update((state: TenantState) => {
              for (const machine of state.machines) machine.connected = what.connected;
            });
          }
          await call(tenant.clients, what).catch((error: unknown) =>
            expect(error).toMatchObject({ info: { code: 'conflict' } }),
          );
          if (what.do === 'restart') {
            const before = tenant.simulator.state();
            await tenant.simulator.stop();
            tenant = await startContoso({ stateDirectory, clock });
            expect(tenant.simulator.state()).toEqual(before);
          }
          const { machineActions } = tenant.simulator.state() as TenantState;
          const open = machineActions.filter(({ status }) => status === 'Pending' || status === 'InProgress');
          expect(new Set(open.map(({ machineId, type }) => `${machineId} ${type}`)).size).toBe(open.length);
        }
        expect(tenant.simulator.unknownCalls()).toEqual([]);
      } finally {
        await tenant.simulator.stop();
        rmSync(stateDirectory, { recursive: true, force: true });
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

it('a restart keeps the keys that tokens are signed with, and what was rotated stays so', async () => {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'tenant-'));
  const clock = new ManualClock();
  const tokens = async (change?: 'rotate'): Promise<readonly string[]> => {
    const tenant = await startContoso({ stateDirectory, clock });
    const { signIn, teams } = tenant.simulator;
    if (change === 'rotate') for (const service of [signIn, teams]) service.rotateKeys();
    const signed = [signIn.userToken(DANA, 'an-app'), teams.token(), teams.token({ key: 'other' })];
    await tenant.simulator.stop();
    return signed;
  };
  try {
    const first = await tokens();
    expect(await tokens()).toEqual(first);
    const rotated = await tokens('rotate');
    for (const [i, token] of rotated.entries()) expect(token).not.toBe(first[i]);
    expect(await tokens()).toEqual(rotated);
  } finally {
    rmSync(stateDirectory, { recursive: true, force: true });
  }
});
