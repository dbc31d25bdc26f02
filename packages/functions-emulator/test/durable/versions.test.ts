/**
 * Versions of orchestrations: `defaultVersion`, `versionMatchStrategy` and `versionFailureStrategy` of host.json.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { virtualClock } from 'functions-emulator';
import { expect, onTestFinished, test } from 'vitest';
import { writeApp } from '../functions/app.js';
import { type Status, startToy, type Toy } from './toy-host.js';

const code = `
import { app } from '@azure/functions';
import * as df from 'durable-functions';

df.app.activity('echo', { handler: (value) => value });
df.app.orchestration('version', function* (context) {
  return { version: context.df.version };
});
df.app.orchestration('parent', function* (context) {
  const version = context.df.getInput()?.version;
  const child = yield context.df.callSubOrchestrator('version', null, undefined, version);
  return { version: context.df.version, child: child.version };
});
df.app.orchestration('twice', function* (context) {
  const input = context.df.getInput();
  if (input?.again) return { version: context.df.version };
  yield context.df.callActivity('echo', {});
  context.df.continueAsNew({ again: true });
});
df.app.orchestration('waits', function* (context) {
  context.df.setCustomStatus('waiting');
  yield context.df.waitForExternalEvent('go');
  context.df.setCustomStatus('going');
  return { version: context.df.version };
});
app.http('start', {
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => ({
    body: await df.getClient(context).startNew('version', await request.json()),
  }),
});
`;

interface Settings {
  readonly defaultVersion?: string;
  readonly versionMatchStrategy?: string;
  readonly versionFailureStrategy?: string;
}

const appWith = (durableTask: Settings): string =>
  writeApp({
    'index.js': code,
    'host.json': JSON.stringify({ version: '2.0', extensions: { durableTask } }),
  });

async function hostWith(durableTask: Settings, dataDirectory?: string): Promise<Toy> {
  const toy = await startToy({
    appDirectory: appWith(durableTask),
    redelivery: 'at-once',
    clock: virtualClock(Date.parse('2026-01-01T00:00:00Z')),
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
  });
  onTestFinished(() => toy.host.stop());
  return toy;
}

function dataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'versions-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The status of the instance once it no longer changes. */
async function settled(toy: Toy, id: string): Promise<Status> {
  await toy.host.idle();
  return toy.status(id);
}

const REFUSED = 'VersionMismatch: Orchestration version did not comply with Worker Versioning';

test('a start without a version gets the default one, and keeps it when it continues as new', async () => {
  const toy = await hostWith({ defaultVersion: '2.0' });
  await toy.start('version', 'plain');
  expect((await toy.done('plain')).output).toEqual({ version: '2.0' });
  await toy.start('twice', 'twice');
  expect((await toy.done('twice')).output).toEqual({ version: '2.0' });
  await toy.send('POST', '/instances/plain/restart?restartWithNewInstanceId=false');
  await toy.host.idle();
  expect((await toy.done('plain')).output).toEqual({ version: '2.0' });
});

test('without a default version an instance has none', async () => {
  const toy = await hostWith({});
  await toy.start('parent', 'plain');
  expect((await toy.done('plain')).output).toEqual({ version: null, child: null });
});

test('a version that a start names wins, by URL and by the client', async () => {
  const toy = await hostWith({ defaultVersion: '2.0' });
  for (const version of ['1.0', '2.0', '']) {
    await toy.send('POST', `/orchestrators/version/url-${version}?version=${version}`, {});
    expect((await toy.done(`url-${version}`)).output).toEqual({ version });
  }
  const options = { instanceId: 'client', version: '1.0' };
  await fetch(`${toy.host.url}/api/start`, { method: 'POST', body: JSON.stringify(options) });
  expect((await toy.done('client')).output).toEqual({ version: '1.0' });
});

test('a sub-orchestration has the default version, or the one that its parent names', async () => {
  const toy = await hostWith({ defaultVersion: '2.0' });
  const cases = [
    [{}, '2.0'],
    [{ version: '1.0' }, '1.0'],
    [{ version: '' }, ''],
  ] as const;
  for (const [input, child] of cases) {
    const id = `parent-${child}`;
    await toy.send('POST', `/orchestrators/parent/${id}?version=1.5`, input);
    expect((await toy.done(id)).output).toEqual({ version: '1.5', child });
  }
});

/** Which of these versions a host with the given settings executes. */
async function takenUp(settings: Settings, versions: readonly string[]): Promise<string[]> {
  const toy = await hostWith({ versionFailureStrategy: 'Fail', ...settings });
  const taken: string[] = [];
  for (const [index, version] of versions.entries()) {
    await toy.send('POST', `/orchestrators/version/${index}?version=${version}`, {});
    const { runtimeStatus, output } = await toy.done(String(index));
    if (runtimeStatus === 'Completed') taken.push(version);
    else expect(output).toBe(REFUSED);
  }
  return taken;
}

test('a host executes its version and older ones, compared as .NET does', async () => {
  const versions = ['', '1.0', '1.99.7', '2.0', '02.0', '1', '2', '2.0.0', '2.1', '10.0', 'beta', '2.0-rc'];
  // Two parts are less than three, and an invalid version is compared as text.
  expect(await takenUp({ defaultVersion: '2.0' }, versions)).toEqual([
    '',
    '1.0',
    '1.99.7',
    '2.0',
    '02.0',
    '1',
    '2',
  ]);
  expect(await takenUp({}, ['', '0.1'])).toEqual(['']);
});

test('the strategy Strict accepts only the same version, None all of them', async () => {
  const versions = ['', '1.0', '2.0', '2.0.0', '3.0'];
  const strict = { defaultVersion: '2.0', versionMatchStrategy: 'Strict' };
  expect(await takenUp(strict, versions)).toEqual(['2.0']);
  const none = { defaultVersion: '2.0', versionMatchStrategy: 'none' };
  expect(await takenUp(none, versions)).toEqual(versions);
});

test('a sub-orchestration that is too new fails its parent with the strategy Fail', async () => {
  const toy = await hostWith({ defaultVersion: '2.0', versionFailureStrategy: 'Fail' });
  await toy.start('parent', 'parent', { version: '3.0' });
  const { runtimeStatus, output } = await toy.done('parent');
  expect([runtimeStatus, output]).toEqual(['Failed', REFUSED]);
});

test('an instance that is too new waits, with its messages, for a host of its version', async () => {
  const directory = dataDirectory();
  const old = await hostWith({ defaultVersion: '1.0' }, directory);
  await old.send('POST', '/orchestrators/waits/new?version=2.0', {});
  expect(await settled(old, 'new')).toMatchObject({ runtimeStatus: 'Pending', output: null });
  expect(await old.statusOf('POST', '/instances/new/suspend')).toBe(202);
  await old.raise('new', 'go', 1);
  expect((await settled(old, 'new')).runtimeStatus).toBe('Pending');
  expect(old.events).toContainEqual(
    expect.objectContaining({ kind: 'diagnostic', code: 'version-refused', instanceId: 'new' }),
  );
  await old.host.stop();

  const fresh = await hostWith({ defaultVersion: '2.0' }, directory);
  expect(await settled(fresh, 'new')).toMatchObject({ runtimeStatus: 'Suspended' });
  await fresh.send('POST', '/instances/new/resume');
  expect((await fresh.done('new')).output).toEqual({ version: '2.0' });
});

test('a running instance waits likewise when an older host starts', async () => {
  const directory = dataDirectory();
  const first = await hostWith({ defaultVersion: '2.0' }, directory);
  await first.start('waits', 'open');
  await first.at('open', 'waiting');
  await first.host.stop();

  const older = await hostWith({ defaultVersion: '1.0' }, directory);
  await older.raise('open', 'go', 1);
  await older.send('POST', '/instances/open/terminate?reason=x');
  expect(await settled(older, 'open')).toMatchObject({ runtimeStatus: 'Running', customStatus: 'waiting' });
  await older.host.stop();

  const again = await hostWith({ defaultVersion: '2.0' }, directory);
  expect((await again.done('open')).runtimeStatus).toBe('Terminated');
});

test('an unknown strategy fails the start', async () => {
  const wrong = [{ versionMatchStrategy: 'Newest' }, { versionFailureStrategy: 'Retry' }];
  for (const settings of wrong) {
    const [name] = Object.keys(settings);
    await expect(hostWith(settings)).rejects.toMatchObject({
      code: 'setting-invalid',
      message: expect.stringContaining(String(name)),
    });
  }
});
