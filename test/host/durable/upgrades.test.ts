import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type ExportedHistory, HostError, replayHistory } from '#host';
import { startToy, toyApp } from './toy-host.js';

afterEach(() => {
  delete process.env.CHANGED;
});

/** Histories of finished and waiting instances, as they would be kept in files. */
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

test('histories replay against the code that made them', async () => {
  for (const [name, history] of await histories()) {
    expect(await replayHistory(toyApp, history)).toEqual({ same: true, instanceId: name, name });
  }
});

test('code that has changed is named with the event where it goes another way', async () => {
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
    "changesFirst: event 2 (task 0) of the history of changesFirst is activity 'echo', the code now does activity 'double'.",
  );
});

test('an orchestrator that is gone, and a file that is no history, are said to be so', async () => {
  const history = (await histories()).get('chain');
  expect(await replayHistory(toyApp, { ...history, name: 'gone' })).toMatchObject({
    same: false,
    divergence: { found: 'nothing: there is no such orchestrator' },
  });
  await expect(replayHistory(toyApp, { hello: 'world' })).rejects.toThrow(HostError);
});

test('a diverging instance stops before any further activity, says so, and can be rewound', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-upgrade-'));
  const old = await startToy({ dataDirectory });
  await old.start('changesFirst', 'upgraded');
  await old.at('upgraded', 'waiting');
  await old.host.stop();

  const changed = await startToy({ dataDirectory, settings: { CHANGED: 'yes' } });
  await changed.raise('upgraded', 'go', 1);
  const failed = await changed.done('upgraded');
  expect(failed.runtimeStatus).toBe('Failed');
  expect(failed.output).toMatch(/^Non-Deterministic workflow detected: .* named 'echo', .* named 'double'/);
  expect(changed.events.filter(({ kind }) => kind === 'invocation-started')).toEqual([]);
  const said = changed.events.find((event) => event.kind === 'diagnostic');
  expect(said).toMatchObject({ code: 'non-deterministic', instanceId: 'upgraded' });
  expect(said?.kind === 'diagnostic' && said.message).toContain(
    "event 0 of its history is activity 'echo', the code now does activity 'double'",
  );
  await changed.host.stop();

  const mended = await startToy({ dataDirectory });
  expect((await mended.send('POST', '/instances/upgraded/rewind?reason=mended')).status).toBe(202);
  expect(await mended.done('upgraded')).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  await mended.host.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
});
