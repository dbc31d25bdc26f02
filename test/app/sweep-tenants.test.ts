/** The sweep of one tenant does not wait for another one, and one that is slow is continued by the next sweep. */
import { expect, it, onTestFinished } from 'vitest';
import { START, until } from './responder.js';
import { SlowClock } from './slow-clock.js';
import { TwoTenants } from './two-tenants.js';

const MINUTE = 60_000;
const WORKSPACES = 12;

it('reaches all workspaces of a slow tenant within two sweeps, and those of the other at once', async () => {
  const clock = new SlowClock(START);
  const both = await TwoTenants.start({
    clock,
    nobodyIsThere: true,
    tenants: (a, b) => {
      const workspaces = Array.from({ length: WORKSPACES }, (_, n) => ({ id: `${b.workspace}-${n}` }));
      return [
        { ...b.settings(), workspaces, defenderIncidents: false },
        { ...a.settings(), defenderIncidents: false },
      ];
    },
  });
  onTestFinished(() => both.stop());
  const listed: { workspace: string; at: number }[] = [];
  both.b.onRequest((address) => {
    const workspace = /law-soc-\d+/.exec(address)?.[0];
    if (workspace === undefined || listed.some((one) => one.workspace === workspace)) return;
    clock.pass(MINUTE / 3);
    listed.push({ workspace, at: clock.now() });
  });
  const started = () =>
    both.responder.events.findIndex(
      (event) => event.kind === 'instance-changed' && event.instanceId === both.a.instanceId,
    );
  const swept = () =>
    both.responder.events.flatMap((event, at) =>
      event.kind === 'invocation-ended' && event.name === 'sweepWorkspaces' ? [at] : [],
    );
  await until('the first sweep', async () => (swept().length > 0 ? true : undefined));
  const first = listed.length;
  expect(first).toBeGreaterThan(5);
  expect((listed.at(-1)?.at ?? 0) - (listed[0]?.at ?? 0)).toBeLessThan(3.5 * MINUTE);
  expect(first).toBeLessThan(WORKSPACES);
  await until('all workspaces', async () => (listed.length === WORKSPACES ? true : undefined));
  expect(swept().length).toBeLessThanOrEqual(2);
  expect(started()).toBeGreaterThanOrEqual(0);
  expect(started()).toBeLessThan(swept()[0] ?? 0);
});
