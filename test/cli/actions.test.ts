/** The catalogue on the command line: what can be done, what would be sent, and that it works in the simulated tenant. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/registry.generated.js';
import { actionNamed } from '../../src/cli/actions/show.js';
import { targetOf } from '../../src/cli/actions/target.js';
import { cli } from './run-cli.js';

const MACHINE = '0142fade'.repeat(5);
const ISOLATE = 'defender.isolate-device';
const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const words = (text: string) => text.replaceAll('`', '').replace(/\s+/g, ' ');

describe('responder actions', () => {
  it('lists every action with risk, permissions and undo', async () => {
    const { code, stdout } = await cli(['actions', '--json']);
    expect(code).toBe(0);
    const listed = lines(stdout);
    expect(listed.map(({ name }) => name)).toEqual(actions.map(({ name }) => name));
    for (const one of listed.filter(({ kind }) => kind === 'response'))
      expect(one).toMatchObject({ risk: expect.any(String), undo: expect.any(String) });
    expect(listed.find(({ name }) => name === ISOLATE)).toMatchObject({
      risk: 'disruptive',
      permissions: ['Machine.Isolate', 'Machine.Read.All'],
    });
  });

  it('shows the declaration that the reference has', async () => {
    const reference = readFileSync(new URL('../../docs/reference/actions.md', import.meta.url), 'utf8');
    const [, section = ''] = reference.split(`### ${ISOLATE}\n`);
    const { code, stdout } = await cli(['actions', 'show', ISOLATE], { NO_COLOR: '1' });
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    const facts = [...(section.split('\n### ')[0] ?? '').matchAll(/^- [^:]+: (.*)$/gm)];
    expect(facts.length).toBeGreaterThan(7);
    for (const [, fact = ''] of facts) expect(words(stdout)).toContain(words(fact));
  });

  it('refuses an unknown action, and a target that is not exactly one record', async () => {
    const refused = async (...args: string[]) => {
      const { code, stderr } = await cli(['actions', ...args, '--json']);
      return { code, error: lines(stderr)[0]?.code };
    };
    expect(await refused('show', 'defender.isolate')).toEqual({ code: 2, error: 'action-unknown' });
    // Two devices of the tenant have the name.
    expect(await refused('run', ISOLATE, '--target', 'ws-fin-0142')).toEqual({
      code: 2,
      error: 'ambiguous-target',
    });
  });

  it('reads a target by its shape, or by the name of a property', () => {
    const isolate = actionNamed(ISOLATE);
    const file = actionNamed('defender.file');
    expect(targetOf(isolate, [MACHINE])).toEqual({ mdeId: MACHINE });
    expect(targetOf(isolate, ['hostName=ws-1', 'dnsDomain=contoso.com'])).toEqual({
      hostName: 'ws-1',
      dnsDomain: 'contoso.com',
    });
    expect(targetOf(file, ['AB'.repeat(20)])).toEqual({
      hashes: [{ algorithm: 'sha1', value: 'ab'.repeat(20) }],
    });
    const refused =
      (...texts: string[]) =>
      () =>
        targetOf(isolate, texts);
    expect(refused()).toThrow('needs a --target');
    expect(refused('a b')).toThrow('is not NAME=VALUE');
    expect(refused('dnsDomain=contoso.com')).toThrow('an id or a name of the machine is needed');
    expect(() => targetOf(actionNamed('sentinel.comment'), ['slot=status'])).toThrow(/^message: /);
  });

  it('prints the exact requests of a dry run', async () => {
    const { code, stdout } = await cli([
      'actions',
      'run',
      ISOLATE,
      '--target',
      MACHINE,
      '--dry-run',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(lines(stdout)).toMatchObject([
      { kind: 'target', record: { id: MACHINE, name: 'ws-fin-0142.corp.contoso.com' } },
      {
        kind: 'would-send',
        method: 'POST',
        url: `https://api.security.microsoft.com/api/machines/${MACHINE}/isolate`,
        body: { IsolationType: 'Full', Comment: expect.stringContaining('sentinel-responder') },
      },
    ]);
  });

  it('runs, proves and undoes an action in the simulated tenant', async () => {
    const run = ['actions', 'run', 'entra.disable-user', '--target', 'dana.ortiz@contoso.com'];
    const { code, stdout } = await cli([...run, '--undo', '--json']);
    expect(code).toBe(0);
    expect(lines(stdout).map(({ kind }) => kind)).toEqual([
      'target',
      'requested',
      'confirmed',
      'undo requested',
      'undo confirmed',
    ]);
  });

  it('changes the incident of the fixture, as the settings of a rule would', async () => {
    const run = (...args: string[]) => cli(['actions', 'run', ...args, '--json']);
    const label = await run('sentinel.add-label', '--with', 'label=vip', '--undo');
    expect(label.code).toBe(0);
    expect(lines(label.stdout)).toMatchObject([
      { kind: 'target', record: { kind: 'sentinel.incident' }, input: { settings: { label: 'vip' } } },
      { kind: 'requested' },
      { kind: 'confirmed', proof: 'Incident #2001 was read back with the label “vip”.' },
      { kind: 'undo requested' },
      { kind: 'undo confirmed' },
    ]);
    const refused = async (...args: string[]) => lines((await run(...args)).stderr)[0];
    expect(await refused('sentinel.set-severity', '--with', 'severity=Lowest')).toMatchObject({
      code: 'settings-invalid',
      message: expect.stringMatching(/^severity: /),
    });
    expect(await refused('sentinel.set-severity', '--with', 'colour=red')).toMatchObject({
      code: 'settings-invalid',
    });
    expect(await refused('entra.user', '--target', 'a@b', '--with', 'colour=red')).toMatchObject({
      code: 'settings-invalid',
    });
    // The incident of this fixture is handled in Sentinel.
    expect(await refused('xdr.add-tag', '--with', 'tag=vip')).toMatchObject({ code: 'unsupported-target' });
  });

  it('prints what an enrichment finds, and takes properties by name', async () => {
    const { code, stdout } = await cli([
      'actions',
      'run',
      'defender.device',
      '--target',
      `mdeId=${MACHINE}`,
      '--json',
    ]);
    expect(code).toBe(0);
    expect(lines(stdout)).toMatchObject([{ kind: 'finding', output: { machineId: MACHINE } }]);
  });
});
