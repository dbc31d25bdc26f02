/** An effect that the service brings about hours later: an offline device is isolated when it comes back. */

import { storageCounter } from 'functions-emulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CaseFile, Effect } from '../../src/domain/case-file.js';
import { DEVICE, type Request, Responder, START, until } from './responder.js';

const HOUR_MS = 3_600_000;
let responder: Responder;
let request: Request;
let storage: ReturnType<typeof storageCounter>;

/** The device is offline, and its isolation was approved. */
beforeEach(async () => {
  storage = storageCounter();
  responder = await Responder.start({
    nobodyIsThere: false,
    introspection: { onStorage: storage.observe },
    change: (tenant) => {
      for (const device of tenant.machines) if (device.id === DEVICE) device.connected = false;
    },
  });
  request = await responder.asked(await responder.deliver());
  await responder.decide(request);
});
afterEach(() => responder.stop());

const isolation = (file: CaseFile | undefined): Effect | undefined =>
  file?.effects.find(({ action }) => action === 'defender.isolate-device');

function reconnect(): void {
  responder.simulator.update(((tenant: ReturnType<Responder['tenant']>) => {
    for (const device of tenant.machines) if (device.id === DEVICE) device.connected = true;
  }) as (state: never) => void);
}

const shown = (what: string, isShown: (effect: Effect) => boolean): Promise<CaseFile> =>
  until(what, async () => {
    const file = await responder.caseFile(request.instanceId);
    const effect = isolation(file);
    return file !== undefined && effect !== undefined && isShown(effect) ? file : undefined;
  });

it('is reported as not in effect, as confirmed when the device is back days later, and can be undone then', async () => {
  const before = responder.at(50 * HOUR_MS, async () => {
    const file = await responder.caseFile(request.instanceId);
    expect(isolation(file)).toMatchObject({
      state: 'unconfirmed',
      watchedUntil: expect.stringMatching(/^2026-03-1[3-4]/),
      proof: expect.stringContaining('Pending'),
    });
    expect(file).toMatchObject({ stage: 'ended', outcome: 'partly-remediated' });
    expect(file?.unfinished).toBeUndefined();
    expect(responder.comment()).toContain('not in effect yet');
    reconnect();
  });
  const after = responder.at(80 * HOUR_MS, async () => {
    const file = await responder.caseFile(request.instanceId);
    expect(isolation(file)).toMatchObject({
      state: 'confirmed',
      proof: expect.stringContaining('Succeeded'),
    });
    expect(isolation(file)).not.toHaveProperty('watchedUntil');
    expect(responder.tenant().machines.find(({ id }) => id === DEVICE)).toMatchObject({ isolated: true });
    expect(responder.comment()).toContain('Succeeded');
    expect(responder.effects().filter(({ path }) => path.endsWith('/isolate'))).toHaveLength(1);
    const undo = await responder.request(`${request.approval.id}.undo`);
    expect((await responder.decide(undo, { kind: 'undo', reason: 'Cleaned.' })).json).toMatchObject({
      status: 'accepted',
    });
  });
  responder.leave();
  await before;
  await after;
  await shown('the undo', ({ undo }) => undo?.state === 'confirmed');
  expect(responder.tenant().machines.find(({ id }) => id === DEVICE)).toMatchObject({ isolated: false });
});

it('is left to people when the device has not come back in three days', async () => {
  responder.leave();
  const file = await shown('the end of the watch', ({ state }) => state === 'failed');
  expect(isolation(file)?.proof).toContain('TimeOut');
  expect(isolation(file)).not.toHaveProperty('watchedUntil');
  expect(Date.parse(isolation(file)?.at ?? '') - START).toBeGreaterThanOrEqual(72 * HOUR_MS);
  const ended = await until('the end', async () => {
    const now = await responder.caseFile(request.instanceId);
    return now?.unfinished === undefined ? undefined : now;
  });
  expect(ended).toMatchObject({ outcome: 'partly-remediated', unfinished: 'step-unproved' });
  // Each reading is kept in the history, and replayed.
  const { historyRows } = storage.totals((id) => id === request.instanceId);
  expect(historyRows).toBeLessThanOrEqual(400);
});

it('can be undone while it is watched: the device is never isolated', async () => {
  const undone = responder.at(2 * HOUR_MS, async () => {
    const undo = await responder.request(`${request.approval.id}.undo`);
    await responder.decide(undo, { kind: 'undo', reason: 'A false alarm.' });
    reconnect();
  });
  responder.leave();
  await undone;
  const file = await shown('the undo', ({ undo }) => undo?.state === 'confirmed');
  expect(isolation(file)).not.toHaveProperty('watchedUntil');
  expect(responder.tenant().machines.find(({ id }) => id === DEVICE)).toMatchObject({ isolated: false });
});
