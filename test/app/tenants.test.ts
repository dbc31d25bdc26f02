/** Two tenants with the same names in one app: each is handled as if it were alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { relianceKey } from '../../src/domain/reliance.js';
import { tenantIdSchema } from '../../src/domain/tenant-id.js';
import { DEVICE, until } from './responder.js';
import { AUTOMATIC, foreignTo, type TenantSide, TwoTenants } from './two-tenants.js';

let both: TwoTenants;
beforeAll(async () => {
  both = await TwoTenants.start({ playbook: AUTOMATIC, nobodyIsThere: true });
});
afterAll(() => both.stop());

const ended = ({ instanceId }: TenantSide) =>
  until(`the end of ${instanceId}`, async () => {
    const file = (await both.entity('case', `${instanceId}.1`))?.file as { stage: string } | undefined;
    return file?.stage === 'ended' ? file : undefined;
  });

it('handles the incident of each, with its own credential and without a word of the other', async () => {
  for (const side of both.sides) await both.responder.deliver(side.event);
  for (const side of both.sides) expect(await ended(side)).toMatchObject({ outcome: 'partly-remediated' });
  for (const side of both.sides) {
    expect(side.effects().sort()).toEqual([
      expect.stringMatching(/\/isolate$/),
      expect.stringMatching(/revokeSignInSessions$/),
    ]);
    expect(side.received.length).toBeGreaterThan(20);
  }
  expect(foreignTo(both.a, both.b)).toEqual([]);
  expect(foreignTo(both.b, both.a)).toEqual([]);
});

it('counts the isolation of a device in two tenants as two effects', async () => {
  for (const side of both.sides) {
    const key = relianceKey(tenantIdSchema.parse(side.names.tenantId), 'device-isolation', DEVICE);
    const relies = async () => ((await both.entity('reliance', key))?.relies ?? []) as unknown[];
    expect(await relies()).toMatchObject([{ instanceId: side.instanceId, proved: true }]);
  }
});
