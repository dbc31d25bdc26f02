// Sends 2,000 distinct incidents to a responder that is killed in the middle: `npm run storm -- [incidents]`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [incidents = '2000'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/end-to-end/storm.test.ts', '--reporter=verbose'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, STORM_INCIDENTS: incidents } },
);
process.exitCode = status ?? 1;
