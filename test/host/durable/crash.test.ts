import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { spawnHost } from './child-host.js';
import { startToy } from './toy-host.js';

/** As many commits as the workflow needs from the message that starts it to its end, and some more. */
const COMMITS = 20;
/** More of them for a longer look: CRASH_KILLS=200. */
const KILLS = Number(process.env.CRASH_KILLS ?? 5);
const OUTPUT = { doubled: [2, 4, 6], child: 10, event: 'now', counted: 11 };
const ACTIVITIES = 4;

let [played, repeated] = [0, 0];
afterAll(() => console.log(`${played} workflows killed and taken up again, ${repeated} activities repeated`));

/** Plays the workflow, killed before the given commit or after a while, then taken up again until it is done. */
async function survive(dieAt: number | undefined, killAfterMs?: number): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-crash-'));
  try {
    const first = await spawnHost({
      dataDirectory,
      workflow: true,
      ...(dieAt === undefined ? {} : { dieAt }),
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
    const begun = first.activities() + second.activities();
    expect(begun).toBeGreaterThanOrEqual(ACTIVITIES);
    repeated += begun - ACTIVITIES;
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

test('a workflow killed before any of its commits ends as if nothing had happened', async () => {
  const left = Array.from({ length: COMMITS }, (_, index) => index + 1);
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await survive(next);
  };
  await Promise.all([work(), work(), work()]);
}, 300_000);

test('a workflow killed at random moments ends as if nothing had happened', async () => {
  for (let round = 0; round < KILLS; round += 1) await survive(undefined, Math.random() * 700);
}, 1_200_000);
