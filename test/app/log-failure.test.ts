import { createRequire } from 'node:module';
import { format } from 'node:util';
import { InvocationContext } from '@azure/functions';
import { expect, it } from 'vitest';
import { logFailure } from '../../src/app/log-failure.js';

const KEY = 'a-system-key-of-the-host';
/** No process listens on this port. */
const ADDRESS = `http://127.0.0.1:9/runtime/webhooks/durabletask/instances/x?code=${KEY}`;

/** The error that the durable client throws if the host does not answer; it uses this HTTP library. */
async function unanswered(): Promise<unknown> {
  const here = createRequire(import.meta.url);
  const library: { get(url: string): Promise<unknown> } = createRequire(here.resolve('durable-functions'))(
    'axios',
  );
  return library.get(ADDRESS).catch((error: unknown) => error);
}

it('keeps the key of the host out of the log when the host does not answer', async () => {
  const error = await unanswered();
  expect(format(error)).toContain(KEY);
  const lines: string[] = [];
  const context = new InvocationContext({ logHandler: (_level, ...args) => lines.push(format(...args)) });
  logFailure(context, 'A call failed', error);
  expect(lines).toEqual([expect.stringMatching(/^A call failed: .*ECONNREFUSED/)]);
  expect(lines.join()).not.toContain(KEY);
});

it.each(['src/app/http/guard.ts', 'src/app/http/incidents.ts', 'src/app/teams/messages.ts'])(
  'is how %s reports failures',
  async (file) => {
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(text).toContain('logFailure(');
    expect(text).not.toMatch(/context\.\w+\([^)]*, error\)/);
  },
);
