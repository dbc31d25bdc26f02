// The restart sweep at every durable commit, by each trigger and channel: `npm run test:long` tries some of them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/end-to-end/restarts.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, SWEEP_EVERY: '1' },
});
process.exitCode = status ?? 1;
