/** A responder on a full disk: it exits with the reason, and continues once there is space again. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { Running, startResponder, temporaryDirectory } from '../cli/run-cli.js';
import { event } from './fixture.js';

let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => data.remove());

// Only Linux can prevent one process from writing.
it.runIf(process.platform === 'linux')(
  'exits with a reason instead of waiting without end',
  async () => {
    const running = startResponder(data.path, '--no-demo');
    onTestFinished(() => running.kill());
    const { serviceBus } = await running.kind('started');
    execFileSync('prlimit', ['--pid', String(running.child.pid), '--fsize=0:unlimited']);
    const sender = new Running(['test/end-to-end/send-to-service-bus.mjs', String(serviceBus), event]);
    await expect.poll(() => running.child.exitCode, { timeout: 40_000 }).toBe(1);
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /"code":"data-.*Free disk space.*"next":"Start again afterwards/,
      ) as string,
    });
    await sender.kill();
    const again = startResponder(data.path);
    await again.kind('waiting');
    await again.kill();
  },
  60_000,
);
