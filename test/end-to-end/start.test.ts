import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, entry, npm, Running, startResponder, temporaryDirectory } from '../cli/run-cli.js';
import { device, event, incident, isolationsIn, tenantOf } from './fixture.js';

let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => data.remove());

const at = () => ['--data-directory', data.path];
const approve = (...more: string[]) =>
  cli(['approvals', 'approve', incident.instanceId, '--yes', ...at(), ...more]);
const handled = (line: Readonly<Record<string, unknown>>) => line.kind === 'ended';

describe('npm start -- --auto-approve', () => {
  it('handles the incident and names the device, the proof and the comment', async () => {
    const ports = ['--port', '0', '--service-bus-port', '0'];
    const { code, stdout } = await npm(['start', '--', '--auto-approve', ...ports, ...at()]);
    expect(code).toBe(0);
    expect(stdout).toContain('SIMULATED TENANT');
    expect(stdout).toMatch(
      new RegExp(`✔ defender\\.isolate-device {2}${device} \\([0-9a-f]{40}\\): confirmed`),
    );
    expect(stdout).toMatch(
      /proof: Machine action [0-9a-f-]{36} .*read back as Succeeded at .*; no later release/,
    );
    expect(stdout).toMatch(/✔ comment on incident #2001, id [0-9a-f-]{36}, revision 2/);
    const state = await tenantOf(data.path);
    expect(isolationsIn(state)).toBe(1);
    expect(state.comments).toHaveLength(1);
    expect(state.users.find(({ displayName }) => displayName === 'Dana Ortiz')?.accountEnabled).toBe(true);
  }, 90_000);

  it('shows its first line before anything else is ready', async () => {
    const running = new Running([
      entry,
      'start',
      '--port',
      '0',
      '--service-bus-port',
      '0',
      '--no-demo',
      ...at(),
    ]);
    await new Promise<void>((resolve) => running.child.stdout.once('data', () => resolve()));
    expect(running.stdout).toContain(`pid ${running.child.pid}`);
    expect(running.stdout).not.toContain('SIMULATED TENANT');
    await running.kill();
  });
});

describe('a responder that is killed while it waits', () => {
  it('continues from disk as if nothing had happened', async () => {
    const first = startResponder(data.path);
    await first.kind('waiting');
    await first.kill();

    const second = startResponder(data.path);
    const { instanceId } = await second.kind('waiting');
    expect(instanceId).toBe(incident.instanceId);
    const approved = await approve('--json');
    expect(approved).toMatchObject({ code: 0 });
    // No one has selected the irreversible step.
    expect(JSON.parse(approved.stdout)).toMatchObject({
      steps: [expect.stringMatching(/^isolate-workstation:/)],
    });
    await second.seen(handled);
    second.child.kill('SIGINT');
    const { code, stdout } = await second.ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain('"kind":"accepted"');

    const state = await tenantOf(data.path);
    expect(isolationsIn(state)).toBe(1);
    expect(state.comments).toHaveLength(1);
  }, 90_000);
});

describe('the command line of an analyst', () => {
  it('lists, shows and rejects; a second decision is refused with its code', async () => {
    const running = startResponder(data.path);
    await running.kind('waiting');
    const list = await cli(['approvals', 'list', ...at()]);
    expect(list.stdout).toContain(incident.instanceId);
    const shown = await cli(['approvals', 'show', incident.instanceId, ...at()]);
    expect(shown.stdout).toContain(device);
    expect(await approve('--step', 'no-such-step')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[unknown-action]') as string,
    });
    const unasked = await cli(['approvals', 'reject', incident.instanceId, ...at()]);
    expect(unasked.stderr).toContain('[not-confirmed]');

    const reject = ['approvals', 'reject', incident.instanceId, '--yes', '--reason', 'a drill', ...at()];
    expect(await cli(reject)).toMatchObject({ code: 0 });
    await running.seen(handled);
    expect(await approve()).toMatchObject({ code: 4, stderr: expect.stringContaining('next: ') as string });
    await running.kill();
    expect(isolationsIn(await tenantOf(data.path))).toBe(0);
  }, 60_000);
});

describe('a ten-line program', () => {
  it('submits an incident with the unmodified Service Bus client', async () => {
    const running = startResponder(data.path, '--no-demo');
    const { serviceBus } = await running.kind('started');
    const script = new Running(['test/end-to-end/send-to-service-bus.mjs', String(serviceBus), event]);
    expect(await script.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await running.kind('waiting')).toMatchObject({ instanceId: incident.instanceId });
    await running.kill();
  }, 60_000);

  it('submits an incident with the unmodified Event Grid client', async () => {
    const running = startResponder(data.path, '--no-demo');
    const { eventGrid } = await running.kind('started');
    const [topic] = eventGrid as { url: string; key: string }[];
    const script = new Running([
      'test/end-to-end/publish-to-event-grid.mjs',
      topic?.url ?? '',
      topic?.key ?? '',
      event,
    ]);
    expect(await script.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await running.kind('waiting')).toMatchObject({ instanceId: incident.instanceId });
    await running.kill();
  }, 60_000);
});
