import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spawnHost } from './child-host.js';
import { startToy } from './toy-host.js';

/** As many commits as the workflow needs when nothing goes wrong, and some more. */
const COMMITS = 18;
const OUTPUT = { doubled: [2, 4, 6], child: 10, event: 'now', counted: 11 };

/** Plays the workflow, killed before the given commit, then taken up again until it is done. */
async function survive(dieAt: number | undefined, killAfterMs?: number): Promise<unknown> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-crash-'));
  try {
    const first = await spawnHost({
      dataDirectory,
      workflow: true,
      ...(dieAt === undefined ? {} : { dieAt }),
    });
    if (killAfterMs !== undefined) setTimeout(() => void first.kill(), killAfterMs);
    await first.ended;
    await (await spawnHost({ dataDirectory, workflow: true })).ended;
    const toy = await startToy({ dataDirectory });
    const status = await toy.status('crash');
    const counter = await (await toy.send('GET', '/entities/counter/crash')).json();
    await toy.host.stop();
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: OUTPUT });
    expect(counter).toBe(11);
    return status;
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
}, 240_000);

test('a workflow killed at random moments ends as if nothing had happened', async () => {
  for (let round = 0; round < 6; round += 1) await survive(undefined, 150 + Math.random() * 250);
}, 120_000);
