import { describe, expect, it } from 'vitest';
import { Running, temporaryDirectory } from '../cli/run-cli.js';
import { isolationsIn, tenantOf } from './fixture.js';

const DRIVER = 'test/end-to-end/crash-driver.mjs';
/** More commits than a whole incident has: the sweep must come to its end before. */
const TOO_MANY = 150;
const AT_ONCE = 2;

const life = (directory: string, dieAt: number) =>
  new Running([DRIVER, directory], { DIE_AT_COMMIT: String(dieAt) }).ended;

/** True when the first life got to the end by itself: there is no such commit. */
async function crashAt(commit: number): Promise<boolean> {
  const { path, remove } = temporaryDirectory();
  const first = await life(path, commit);
  const last = first.signal === 'SIGKILL' ? await life(path, 0) : first;
  const told = `killed at commit ${commit}: ${last.stdout} ${last.stderr}`;
  expect(last.code, told).toBe(0);
  // A life that ended between an effect and its record finds it already done.
  const { effects } = JSON.parse(last.stdout) as { effects: string[] };
  expect(effects, told).toHaveLength(2);
  for (const state of effects) expect(['confirmed', 'already-done'], told).toContain(state);
  const state = await tenantOf(path);
  expect(isolationsIn(state), told).toBe(1);
  expect(state.comments, told).toHaveLength(1);
  remove();
  return first.signal !== 'SIGKILL';
}

describe('kill -9 at a durable commit', () => {
  it('of any number: the next life ends the incident, with one isolation and one comment', async () => {
    let next = 1;
    let lastCommit = 0;
    const sweep = async (): Promise<void> => {
      while (lastCommit === 0) {
        const commit = next++;
        expect(commit).toBeLessThan(TOO_MANY);
        if (await crashAt(commit)) lastCommit ||= commit;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sweep));
    // Fewer would mean that whole stages share a commit and the sweep proves little.
    expect(lastCommit).toBeGreaterThan(20);
    // Commits of concurrent turns are grouped, so that the number differs from run to run.
  }, 600_000);
});
