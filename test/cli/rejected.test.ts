/** `responder rejected` as a user runs it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Responder } from '../app/responder.js';
import { entry, Running } from './run-cli.js';

const BODY = '{"hello": "\u001b[31m \u202e world"}\n';
let responder: Responder;
let folder: string;
let id: string;

beforeAll(async () => {
  responder = await Responder.start();
  folder = mkdtempSync(join(tmpdir(), 'rejected-'));
  const answer = await responder.call('POST', '/api/incidents', BODY);
  [id] = answer.json.kept as [string];
});
afterAll(async () => {
  await responder.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rejected = (...args: string[]) =>
  new Running([entry, 'rejected', ...args, '--url', responder.host.url], {
    RESPONDER_TOKEN: responder.tokenOf('Robin Keller'),
  }).ended;

it('lists and shows what was rejected, without control characters, and writes it unchanged', async () => {
  const listed = await rejected('list');
  expect(listed.stdout).toContain(`${id}  malformed-json  HTTP, 29 bytes`);
  expect(JSON.parse((await rejected('list', '--json')).stdout)).toMatchObject([{ id, count: 1 }]);
  const shown = await rejected('show', id);
  expect(shown.stdout).toContain('{"hello": " [31m   world"}');
  for (const sign of ['\u001b', '\u202e']) expect(listed.stdout + shown.stdout).not.toContain(sign);
  const file = join(folder, 'body');
  expect((await rejected('show', id, '--output', file)).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(BODY);
  expect((await rejected('show', id, '--output', file)).stderr).toContain('not-written');
});

it('submits it again, and drops it', async () => {
  const again = await rejected('resubmit', id);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('malformed-json')]);
  expect((await rejected('drop', id)).stdout).toBe(`${id}  dropped\n`);
  const dropped = await rejected('resubmit', id);
  expect([dropped.code, dropped.stderr]).toEqual([4, expect.stringContaining('was dropped')]);
  expect((await rejected('list')).stdout).toBe('no rejected bodies\n');
  expect((await rejected('list', '--all')).stdout).toContain('dropped');
  expect((await rejected('show', id)).stdout).toMatch(
    /Robin Keller submitted it again: malformed-json\n.*dropped it/,
  );
  expect((await rejected('show', 'nothing')).stderr).toContain('responder rejected list');
});
