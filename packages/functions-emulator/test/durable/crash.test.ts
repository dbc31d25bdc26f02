import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { spawnHost } from './child-host.js';
import { startToy } from './toy-host.js';

/** More commits than the workflow has: the sweep must end before. */
const TOO_MANY = 60;
/** Set CRASH_KILLS=200 for a longer run. */
const KILLS = Number(process.env.CRASH_KILLS ?? 5);
/** About as long as the workflow takes once the host is ready. */
const MOMENTS_MS = 400;
const OUTPUT = { doubled: [2, 4, 6], child: 10, event: 'now', counted: 11 };
const ACTIVITIES = 4;

let [played, killed, repeated] = [0, 0, 0];
afterAll(() =>
  console.log(
    `${played} workflows played, ${killed} of them killed and resumed, ${repeated} activities repeated`,
  ),
);

/**
 * Runs the workflow, killed before the given commit or after a while, then resumed until it is done.
 * @returns whether it was killed before its end.
 */
async function runWithKill(killAt: number | undefined, killAfterMs?: number): Promise<boolean> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-crash-'));
  try {
    const first = await spawnHost({
      dataDirectory,
      workflow: true,
      ...(killAt === undefined ? {} : { killAt }),
    });
    if (killAfterMs !== undefined) setTimeout(() => void first.kill(), killAfterMs);
    await first.ended;
    const second = await spawnHost({ dataDirectory, workflow: true });
    await second.ended;
    const toy = await startToy({ dataDirectory });
    const status = await toy.status('crash');
    const counter = await (await toy.send('GET', '/entities/counter/crash')).json();
    await toy.host.stop();
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: OUTPUT });
    expect(counter).toBe(11);
    played += 1;
    if (first.killed()) killed += 1;
    const begun = first.activities() + second.activities();
    expect(begun).toBeGreaterThanOrEqual(ACTIVITIES);
    repeated += begun - ACTIVITIES;
    return first.killed();
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** Three at a time, until all are done. */
async function inLanes(next: () => (() => Promise<unknown>) | undefined): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let work = next(); work !== undefined; work = next()) await work();
  };
  await Promise.all([lane(), lane(), lane()]);
}

test('a workflow killed before any of its commits ends as if nothing had happened', async () => {
  let commit = 0;
  let ended = false;
  await inLanes(() => {
    commit += 1;
    const killAt = commit;
    expect(killAt).toBeLessThan(TOO_MANY);
    return ended
      ? undefined
      : async () => {
          ended ||= !(await runWithKill(killAt));
        };
  });
  // Fewer would mean that whole stages share a commit.
  expect(commit).toBeGreaterThan(20);
}, 900_000);

test('a workflow killed at random moments ends as if nothing had happened', async () => {
  let left = KILLS;
  await inLanes(() => {
    if (left <= 0) return undefined;
    left -= 1;
    return async () => {
      // A kill after the end does not count.
      if (!(await runWithKill(undefined, Math.random() * MOMENTS_MS))) left += 1;
    };
  });
}, 1_200_000);

test('a result is on disk while its turn is still being executed', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-crash-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  // The start, its turn, the stored result; the process ends before the turn that consumes it.
  const first = await spawnHost({ dataDirectory, killAtAfterStart: 4, redelivery: 'at-once' });
  await fetch(`${first.url}/runtime/webhooks/durabletask/orchestrators/slowTurn/slow`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"n":7}',
  });
  await first.ended;
  expect([first.killed(), first.activities()]).toEqual([true, 1]);
  const begun: string[] = [];
  const toy = await startToy({
    dataDirectory,
    redelivery: 'at-once',
    onEvent: (event) => {
      if (event.kind === 'invocation-started' && event.trigger === 'activityTrigger') begun.push(event.name);
    },
  });
  onTestFinished(() => toy.host.stop());
  expect((await toy.done('slow')).output).toEqual({ n: 7 });
  expect(begun).toEqual([]);
});
