import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExportedHistory, HostError, replayHistory } from 'functions-emulator';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { type Status, startToy, type Toy, toyApp } from './toy-host.js';

afterEach(() => {
  delete process.env.CHANGED;
});

/** Histories of finished and waiting instances, as they would be exported to files. */
async function histories(): Promise<Map<string, ExportedHistory>> {
  const toy = await startToy();
  const found = new Map<string, ExportedHistory>();
  for (const name of ['chain', 'fanOut', 'changes', 'changesFirst', 'leavesTimer', 'retries']) {
    await toy.start(name, name, { key: name, times: 9 });
    if (name === 'leavesTimer') await toy.until(name, () => toy.diagnosed().includes('open-tasks-at-end'));
    else if (name.startsWith('changes')) await toy.at(name, 'waiting');
    else if (name !== 'retries') await toy.done(name);
    const history = toy.host.exportHistory(name);
    if (history !== undefined) found.set(name, JSON.parse(JSON.stringify(history)) as ExportedHistory);
  }
  expect(toy.host.exportHistory('nowhere')).toBeUndefined();
  await toy.host.stop();
  return found;
}

test('histories replay against the code that created them', async () => {
  for (const [name, history] of await histories()) {
    expect(await replayHistory(toyApp, history)).toEqual({ same: true, instanceId: name, name });
  }
});

test('changed code is reported with the event where it diverges', async () => {
  const made = await histories();
  process.env.CHANGED = 'yes';
  expect(await replayHistory(toyApp, made.get('changes'))).toMatchObject({ same: true });
  const result = await replayHistory(toyApp, made.get('changesFirst'));
  expect(result).toMatchObject({
    same: false,
    name: 'changesFirst',
    divergence: { index: 2, eventId: 0, expected: "activity 'echo'", found: "activity 'double'" },
  });
  expect(result.divergence?.message).toBe(
    "changesFirst: event 2 (task 0) of the history of changesFirst is activity 'echo', the code now does activity 'double'. Azure would still do: activity 'double'.",
  );
});

test('a missing orchestrator and an invalid history file are reported', async () => {
  const history = (await histories()).get('chain');
  expect(await replayHistory(toyApp, { ...history, name: 'gone' })).toMatchObject({
    same: false,
    divergence: { found: 'nothing: there is no such orchestrator' },
  });
  await expect(replayHistory(toyApp, { hello: 'world' })).rejects.toThrow(HostError);
});

/** An instance that waits, and whose code has changed when its event arrives. */
async function upgraded(name: string): Promise<{ changed: Toy; failed: Status; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'host-upgrade-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const old = await startToy({ dataDirectory: directory });
  await old.start(name, 'upgraded');
  await old.at('upgraded', 'waiting');
  await old.host.stop();
  const changed = await startToy({ dataDirectory: directory, settings: { CHANGED: 'yes' } });
  await changed.raise('upgraded', 'go', 1);
  const failed = await changed.done('upgraded');
  await changed.host.idle();
  return { changed, failed, directory };
}

/**
 * As the real host does (recorded: changed-child, changed-extra, changed-order, changed-renamed; DurableTask.Core,
 * TaskOrchestrationDispatcher.cs: all decisions are processed, whatever the last of them is).
 */
test('a diverging instance fails, and the actions of its turn are performed and named', async () => {
  const { changed, failed } = await upgraded('changesAll');
  expect(failed.runtimeStatus).toBe('Failed');
  expect(failed.output).toMatch(/^Non-Deterministic workflow detected: .* named 'echo'/);
  const signalled = await changed.send('GET', '/entities/counter/changed');
  expect([signalled.status, await signalled.text()]).toEqual([200, '5']);
  expect((await changed.done('upgraded-child')).output).toBe(6);
  const begun = changed.events.filter(
    (event) => event.kind === 'invocation-started' && event.name === 'double',
  );
  expect(begun).toHaveLength(2);
  const said = changed.events.find((event) => event.kind === 'diagnostic');
  expect(said).toMatchObject({ code: 'non-deterministic', instanceId: 'upgraded' });
  expect(said?.kind === 'diagnostic' && said.message).toContain(
    "the actions of the turn are still performed: event 'op' to @counter@changed, activity 'double', sub-orchestration 'child'.",
  );
  await changed.host.stop();
});

test('a replay names the actions that Azure would still perform', async () => {
  const old = await startToy();
  await old.start('changesAll', 'kept');
  await old.at('kept', 'waiting');
  const history = old.host.exportHistory('kept');
  await old.host.stop();
  process.env.CHANGED = 'yes';
  const { divergence } = await replayHistory(toyApp, JSON.parse(JSON.stringify(history)));
  const still = ["event 'op' to @counter@changed", "activity 'double'", "sub-orchestration 'child'"];
  expect(divergence?.stillDone).toEqual(still);
  expect(divergence?.message).toContain(`Azure would still do: ${still.join(', ')}.`);
});

/** DurableTask.AzureStorage, RewindHistoryAsync: only failed events are undone, so the extra action stays. */
test('a rewind does not undo the actions of a diverging turn, so that the instance diverges again', async () => {
  const { changed, failed, directory } = await upgraded('changesFirst');
  expect(failed.output).toMatch(/named 'echo', .* named 'double'/);
  await changed.host.stop();
  const repaired = await startToy({ dataDirectory: directory });
  expect((await repaired.send('POST', '/instances/upgraded/rewind?reason=repaired')).status).toBe(202);
  await repaired.host.idle();
  expect((await repaired.done('upgraded')).output).toMatch(/^Non-Deterministic workflow detected/);
  await repaired.host.stop();
});
