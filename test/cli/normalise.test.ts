/** What a person sees of a file with incidents, or with something else. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { entry, Running, temporaryDirectory } from './run-cli.js';

const example = (name: string) => fileURLToPath(new URL(`../intake/examples/${name}`, import.meta.url));
const run = (...args: string[]) => new Running([entry, 'normalise', ...args]);

it('prints incidents as tables, and names anything else', async () => {
  const { code, stdout, stderr } = await run(
    example('log-export.json'),
    example('rest-incident-entities.json'),
  ).ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('log-export.json: Ransomware and mail (high, active)');
  for (const row of [
    /^ {2}aliases {6}laws:.*, xdr:/m,
    /^ {2}alerts {7}3 \(full\)$/m,
    /^ {4}ip {17}203\.0\.113\.9 \(suspicious, 2 alerts\)$/m,
    /^ {4}oauthApp {11}Mail Reader \(1 alert\)$/m,
  ]) {
    expect(stdout).toMatch(row);
  }
  expect(stdout).toMatch(
    /rest-incident-entities\.json: This is the list of the entities .* \[sentinel-entities\]\n {4}account/,
  );
  expect(stdout).not.toMatch(/\u200b/);
});

it('prints JSON lines, from standard input, too', async () => {
  const running = run('-', example('graph-incident-list.json'), '--json');
  running.child.stdin.end(
    Buffer.from('{"kind":"SecurityAlert","properties":{"systemAlertId":"a"}}').toString('base64'),
  );
  const { code } = await running.ended;
  expect(code).toBe(0);
  expect(running.lines).toMatchObject([
    { file: '-', kind: 'incident', shape: 'sentinel-alert', path: '', incident: { key: 'alert:a' } },
    { kind: 'incident', shape: 'graph-incident', path: 'value[0]' },
    { kind: 'incident', shape: 'graph-incident', path: 'value[1]', incident: { status: 'merged' } },
  ]);
});

it('reports the place of bad JSON, and still prints the other files', async () => {
  const directory = temporaryDirectory();
  const bad = join(directory.path, 'bad.json');
  writeFileSync(bad, '{"object":\n  {"id": tru}}');
  const rows = join(directory.path, 'rows.jsonl');
  writeFileSync(rows, '{"a":1}\n{"b":\n{"c":3}\n');
  const ended = await run(bad, rows, join(directory.path, 'none.json'), example('xdr-incident.json')).ended;
  directory.remove();
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('bad.json:2:10: ');
  expect(ended.stderr).toContain('rows.jsonl, at [1]: ');
  expect(ended.stderr).toContain('none.json does not exist');
  expect(ended.stdout).toContain('[unknown-shape]');
  expect(ended.stdout).toContain('Mail reported as phish');
});
