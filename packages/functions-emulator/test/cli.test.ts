import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../bin/functions-emulator.mjs', import.meta.url));
const quickStart = fileURLToPath(new URL('./apps/quick-start', import.meta.url));
const traps = fileURLToPath(new URL('./apps/traps', import.meta.url));
const FREE_PORTS = ['--port', '0', '--service-bus-port', '0'];

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

/** Runs the program; `said` resolves with what matches in its output. */
function run(args: readonly string[], cwd = quickStart) {
  const running = spawn(process.execPath, [program, ...args], { cwd });
  child = running;
  let output = '';
  for (const stream of [running.stdout, running.stderr])
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  const ended = once(running, 'exit').then(([code]) => ({ code: code as number | null, output }));
  return {
    ended,
    stop: () => running.kill('SIGTERM'),
    async said(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found[1] ?? found[0];
        const more = await Promise.race([once(running.stdout, 'data'), ended]);
        if ('code' in more && !pattern.test(output)) throw new Error(`It ended: ${output}`);
      }
    },
  };
}

describe('functions-emulator', () => {
  it('runs the app in its folder, lists its functions, and stops at a signal', async () => {
    const emulator = run(FREE_PORTS);
    const start = await emulator.said(/helloHttpStart: GET,POST (http:\S+)/);
    await emulator.said(/Ctrl\+C/);
    const response = await fetch(start.replace(/\{\w+\}/, 'helloOrchestrator'), { method: 'POST' });
    expect(response.status).toBe(202);
    expect(await response.json()).toHaveProperty('statusQueryGetUri');
    emulator.stop();
    const { code } = await emulator.ended;
    if (process.platform !== 'win32') expect(code).toBe(143);
  });

  it('prints every event as JSON', async () => {
    const emulator = run([...FREE_PORTS, '--json']);
    const line = await emulator.said(/^\{.*"started".*\}$/m);
    expect(JSON.parse(line)).toMatchObject({ kind: 'started', url: expect.stringMatching(/^http:/) });
    emulator.stop();
    await emulator.ended;
  });

  it('says why an app has no functions, and keeps running', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
    writeFileSync(join(folder, 'package.json'), '{ "main": "index.js" }');
    writeFileSync(join(folder, 'host.json'), '{ "version":');
    const emulator = run(FREE_PORTS, folder);
    await emulator.said(/host error/);
    await emulator.said(/registered no functions/);
    emulator.stop();
    await emulator.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('prints how orchestrations end, and which activities fail', async () => {
    const emulator = run([...FREE_PORTS, traps]);
    const url = await emulator.said(/on (http:\S+)/);
    await emulator.said(/Ctrl\+C/);
    const start = (name: string, id: string): Promise<Response> =>
      fetch(`${url}/runtime/webhooks/durabletask/orchestrators/${name}/${id}`, {
        method: 'POST',
        body: '{}',
      });
    await start('nothing', 'one');
    await emulator.said(/\[\d\d:\d\d:\d\d\] nothing \(one\): Completed$/m);
    await start('failing', 'two');
    await emulator.said(/\] error: fails \(activity of two\): as always$/m);
    await emulator.said(
      /\] error: failing \(two\): Failed: Orchestrator function 'failing' failed: .*as always/,
    );
    emulator.stop();
    await emulator.ended;
  });

  it('requires keys if asked to', async () => {
    const emulator = run([...FREE_PORTS, '--keys']);
    const url = await emulator.said(/on (http:\S+)/);
    const key = await emulator.said(/master (\S+)/);
    expect((await fetch(`${url}/admin/functions`)).status).toBe(401);
    expect((await fetch(`${url}/admin/functions`, { headers: { 'x-functions-key': key } })).status).toBe(200);
    emulator.stop();
    await emulator.ended;
  });

  it.each([
    ['--port', '--service-bus-port', 'HTTP', 'port'],
    ['--service-bus-port', '--port', 'Service Bus', 'serviceBusPort'],
  ])('names %s if that port is in use', async (option, other, purpose, hostOption) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, output } = await run([option, String(port), other, '0']).ended;
    taken.close();
    expect(code).toBe(2);
    expect(output).toBe(
      `error [port-in-use]: Port ${port} for ${purpose} is used by another program. Stop that program, or choose another port with ${option} (startHost: ${hostOption}); 0 picks a free one.\n`,
    );
  });

  it.each([
    ['an unknown option', ['--prot', '0'], 'option-invalid'],
    ['a port that is none', ['--port', 'x'], 'setting-invalid'],
    ['a folder without an app', [...FREE_PORTS, 'empty'], 'app-not-found'],
  ])('refuses %s', async (_what, args, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
    const ended = await run(args, folder).ended;
    rmSync(folder, { recursive: true, force: true });
    expect(ended).toMatchObject({ code: 2, output: expect.stringContaining(`error [${code}]`) });
  });
});
