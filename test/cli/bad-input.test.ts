import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cli, type Ended, entry, Running, startResponder, temporaryDirectory } from './run-cli.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Expects a message with a code and a next step, and no stack trace. */
function expectProblem(ended: Ended, code: string): void {
  expect(ended.stderr).toContain(`error [${code}]`);
  expect(ended.stderr).toContain('next: ');
  expect(ended.stderr + ended.stdout).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(ended.code).toBe(2);
}
const TENANT = { AZURE_TENANT_ID: '00000000-0000-4000-8000-0000000000ac' };
const free = ['--port', '0', '--service-bus-port', '0', '--no-demo'];

describe('the command line', () => {
  it('explains itself and its exit codes', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    for (const word of ['start', 'approvals', 'replay', 'validate', 'Exit codes: 0 ok'])
      expect(stdout).toContain(word);
  });

  it.each([['strat'], ['start --prot 1'], ['start --port many'], ['approvals show']])(
    'refuses `%s` as a usage error',
    async (line) => {
      const { code, stderr } = await cli(line.split(' '));
      expect(code).toBe(2);
      expect(stderr).toContain('error: ');
    },
  );

  it.each(['--auto-approve', '--teams'])('refuses %s for a real tenant', async (option) => {
    const ended = await cli(['start', '--real-tenant', option, '--data-directory', directory.path], TENANT);
    expectProblem(ended, 'real-tenant');
  });

  it('refuses a real tenant without settings', async () => {
    const start = ['start', '--real-tenant', ...free, '--data-directory', directory.path];
    expectProblem(await cli(start, { AZURE_TENANT_ID: '' }), 'no-tenant');
  });

  it('ignores a real tenant that only the environment names', async () => {
    const start = ['start', '--json', ...free, '--data-directory', directory.path];
    const running = new Running([entry, ...start], {
      ...TENANT,
      AZURE_CLIENT_ID: '00000000-0000-4000-8000-0000000000c9',
      AZURE_CLIENT_SECRET: 'not a secret',
    });
    onTestFinished(() => running.kill());
    expect(await running.kind('started')).toMatchObject({ simulated: true });
    await running.kill();
  });

  it('says which setting is wrong, and stops', async () => {
    const start = ['start', ...free, '--data-directory', directory.path];
    const ended = await cli(start, { APPROVALS_CLIENT_ID: 'my-app' });
    expectProblem(ended, 'configuration');
    expect(ended.stderr).toContain('APPROVALS_CLIENT_ID is not a GUID');
  });

  it('says which port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const taken = ['--port', String(port), '--service-bus-port', '0', '--no-demo'];
    const ended = await cli(['start', ...taken, '--data-directory', directory.path]);
    server.close();
    expectProblem(ended, 'port-in-use');
    expect(ended.stderr).toContain(String(port));
  });

  it('says that a data directory is in use, and does not disturb its process', async () => {
    const first = startResponder(directory.path, '--no-demo');
    const { url } = await first.kind('started');
    const ended = await cli(['start', ...free, '--data-directory', directory.path]);
    expectProblem(ended, 'data-directory-in-use');
    const list = await cli(['approvals', 'list', '--json', '--data-directory', directory.path]);
    expect(list).toMatchObject({ code: 0, stdout: '[]\n' });
    expect((await fetch(`${String(url)}/api/approvals`)).status).toBe(401);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(0);
  });

  it('says that a data directory cannot be written to', async () => {
    // A file in its place fails for every user, even an administrator.
    const path = join(directory.path, 'file');
    writeFileSync(path, '');
    expectProblem(await cli(['start', ...free, '--data-directory', path]), 'data-directory-not-writable');
  });

  it.runIf(process.platform === 'linux').each(['/proc/x', '/proc/x/y', '/proc/self/x/y'])(
    'says that the data directory %s cannot be made',
    async (path) => {
      const running = new Running([entry, 'start', ...free, '--data-directory', path]);
      onTestFinished(() => running.kill());
      expectProblem(await running.ended, 'data-directory-not-writable');
    },
  );

  it('stops in order when no one reads its output any more', async () => {
    const running = new Running([entry, 'start', ...free, '--data-directory', directory.path]);
    onTestFinished(() => running.kill());
    running.child.stdout.once('data', () => running.child.stdout.destroy());
    const { code, signal, stderr } = await running.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    // It was not killed: it removes this file as its last act.
    expect(existsSync(join(directory.path, 'running.json'))).toBe(false);
  });

  it('ends its help without an error when no one reads it', async () => {
    const running = new Running([entry, '--help']);
    running.child.stdout.destroy();
    const { code, signal, stderr } = await running.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it('says that a public address is none', async () => {
    const start = ['start', ...free, '--data-directory', directory.path];
    const ended = await cli(start, { PUBLIC_URL: 'x' });
    expectProblem(ended, 'configuration');
    expect(ended.stderr).toContain('PUBLIC_URL');
  });

  it('says that an incident which Sentinel does not know is looked for again', async () => {
    const running = startResponder(directory.path, '--no-demo');
    onTestFinished(() => running.kill());
    const { serviceBus } = await running.kind('started');
    const event = join(directory.path, 'event.json');
    const text = readFileSync('fixtures/ransomware-on-workstation/event.json', 'utf8');
    writeFileSync(
      event,
      text.replace(/(incidents\/)[0-9a-f-]{36}/gi, `$1${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`),
    );
    const sender = new Running(['test/end-to-end/send-to-service-bus.mjs', String(serviceBus), event]);
    expect(await running.kind('reading-again')).toMatchObject({ afterMs: expect.any(Number) });
    await sender.ended;
  }, 60_000);

  it('says that no responder runs with a data directory', async () => {
    expectProblem(await cli(['approvals', 'list', '--data-directory', directory.path]), 'not-running');
  });

  it('prints errors as JSON with --json', async () => {
    const { stderr } = await cli(['approvals', 'list', '--json', '--data-directory', directory.path]);
    expect(JSON.parse(stderr)).toMatchObject({ kind: 'error', code: 'not-running' });
  });
});

describe('a fixture', () => {
  it('that does not exist is named, with the available ones', async () => {
    const ended = await cli(['replay', 'ransomware-on-workstaton']);
    expectProblem(ended, 'fixture-unknown');
    expect(ended.stderr).toContain('ransomware-on-workstation');
  });

  it('without a recording says how to make one', async () => {
    mkdirSync(join(directory.path, 'new'));
    for (const file of ['fixture.json', 'event.json', 'tenant.json', 'decisions.json', 'expected.json']) {
      cpSync(join('fixtures/ransomware-on-workstation', file), join(directory.path, 'new', file));
    }
    const { code, stdout } = await cli(['replay', join(directory.path, 'new')]);
    expect(code).toBe(2);
    expect(stdout).toContain('[fixture-invalid]');
    expect(stdout).toContain('--record');
  });

  it('that ends differently shows where, and fails', async () => {
    const changed = join(directory.path, 'changed');
    cpSync('fixtures/ransomware-on-workstation', changed, { recursive: true });
    const expected = JSON.parse(readFileSync(join(changed, 'expected.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    writeFileSync(join(changed, 'expected.json'), JSON.stringify({ ...expected, outcome: 'rejected' }));
    const { code, stdout } = await cli(['replay', changed]);
    expect(code).toBe(10);
    expect(stdout).toMatch(/\d+ different/);
    expect(stdout).toMatch(/outcome\n\s+expected "rejected"\n\s+got {6}"/);
  });
});

describe('replay with other playbooks', () => {
  const RECORDED = 'ransomware-on-workstation';
  const shipped = () => readFileSync('playbooks/ransomware-on-device.yaml', 'utf8');

  it('says which condition failed before anything else if none applies', async () => {
    writeFileSync(
      join(directory.path, 'mine.yaml'),
      shipped().replace('incident.severity == "high"', 'incident.severity == "low"'),
    );
    const { code, stdout } = await cli(['replay', RECORDED, '--playbooks', directory.path]);
    expect(code).toBe(10);
    const lines = stdout.slice(stdout.indexOf('ransomware-on-workstation:')).split('\n');
    expect(lines[1]).toMatch(/"ransomware-on-device" \(.*mine\.yaml\) does not apply/);
    expect(lines[2]?.trim()).toBe('false: incident.severity == "low"');
    expect(lines[3]?.trim()).toBe('incident.severity = "high"');
    const [row = ''] = (
      await cli(['replay', RECORDED, '--json', '--playbooks', directory.path])
    ).stdout.split('\n');
    expect(JSON.parse(row)).toMatchObject({
      incident: 'ransomware-on-workstation',
      same: false,
      notApplied: [{ playbook: 'ransomware-on-device', conditions: [{ result: 'false' }] }],
    });
  });

  it('compares by step and entity: one more rule is a difference of this rule alone', async () => {
    const rule = [
      'respond:',
      '  - id: isolate-first',
      '    action: defender.isolate-device',
      '    for: host',
      '    when: device.riskScore == "None"',
      '    tier: analysts',
      '    why: To try it out.',
      '',
    ].join('\n');
    writeFileSync(join(directory.path, 'mine.yaml'), shipped().replace('respond:\n', rule));
    const [row = ''] = (
      await cli(['replay', RECORDED, '--json', '--playbooks', directory.path])
    ).stdout.split('\n');
    const { differences } = JSON.parse(row) as { differences: { path: string }[] };
    expect(differences.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^conditions\[isolate-first:host:/),
    ]);
  });

  it('needs a playbook in the folder', async () => {
    expectProblem(await cli(['replay', '--playbooks', directory.path]), 'no-playbooks');
  });
});

describe('a playbook with a typo', () => {
  it('is an error with file, line, column and a suggestion', async () => {
    const right = readFileSync('playbooks/ransomware-on-device.yaml', 'utf8');
    const file = join(directory.path, 'typo.yaml');
    writeFileSync(file, right.replace('respond:', 'respnd:'));
    const line = right.split('\n').findIndex((text) => text.startsWith('respond:')) + 1;
    const { code, stdout } = await cli(['validate', file]);
    expect(code).toBe(2);
    expect(stdout).toContain(`typo.yaml:${line}:1`);
    expect(stdout).toContain('respond');
  });

  it('keeps the responder from starting, and from replaying', async () => {
    const right = readFileSync('playbooks/ransomware-on-device.yaml', 'utf8');
    writeFileSync(join(directory.path, 'typo.yaml'), right.replace('respond:', 'respnd:'));
    const environment = { PLAYBOOKS_DIRECTORY: directory.path };
    const started = await cli(
      ['start', ...free, '--data-directory', join(directory.path, 'data')],
      environment,
    );
    expectProblem(started, 'playbook-invalid');
    expect(started.stderr).toMatch(/typo\.yaml:\d+:\d+: /);
    expectProblem(await cli(['replay', '--playbooks', directory.path]), 'playbook-invalid');
  });

  it('does not hide the valid ones', async () => {
    expect(await cli(['validate'])).toMatchObject({ code: 0 });
  });
});
