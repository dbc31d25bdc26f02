/** Safe upgrades: today's orchestrators replay the histories of released versions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExportedHistory, type ReplayResult, replayHistories as replayed } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_CALLS_SETTINGS } from '../../src/cli/responder.js';
import { outcomeSchema } from '../../src/domain/case-file.js';
import { activityNames } from '../../src/orchestrator/activities.js';
import { Responder } from '../app/responder.js';
import { cli, Running, temporaryDirectory } from '../cli/run-cli.js';
import { repository } from '../rules/repository.js';
import { type ChangedApp, changedApp } from './changed-app.js';

const FOLDER = repository('fixtures/histories');
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .sort();
const histories = files.map(
  (file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as ExportedHistory,
);
const named = (name: string) => {
  const found = histories[files.findLastIndex((file) => file.endsWith(`.${name}.json`))];
  if (found === undefined) throw new Error(`there is no history ${name}`);
  return found;
};
const replayHistories = (app: string, all: readonly ExportedHistory[]) =>
  replayed(app, all, NO_CALLS_SETTINGS);
const messages = (results: readonly ReplayResult[]) =>
  results.flatMap(({ divergence }) => divergence?.message ?? []);

/** Names of the called activities. */
const calledIn = ({ events }: ExportedHistory) =>
  events.filter(({ EventType }) => EventType === 4).map(({ Name }) => Name);

const outcomeOf = ({ events }: ExportedHistory): unknown => {
  const result = events.find(({ EventType }) => EventType === 1)?.Result;
  return typeof result === 'string' ? (JSON.parse(result) as { outcome: unknown }).outcome : 'still running';
};

it('every history replays on the current orchestrators', async () => {
  const results = await replayHistories(repository(), histories);
  expect(results).toHaveLength(files.length);
  expect(messages(results)).toEqual([]);
});

describe('the recorded histories', () => {
  it('cover every orchestrator of the app', async () => {
    const responder = await Responder.start();
    const response = await fetch(`${responder.host.url}/admin/functions`);
    const functions = (await response.json()) as { name: string; config: { bindings: { type: string }[] } }[];
    await responder.stop();
    const orchestrators = functions
      .filter(({ config }) => config.bindings.some(({ type }) => type === 'orchestrationTrigger'))
      .map(({ name }) => name);
    expect(orchestrators).not.toEqual([]);
    // It schedules nothing, so no change of it can diverge from a history.
    const waiting = orchestrators.filter((name) => name !== 'keepRejectedBody');
    expect([...new Set(histories.map(({ name }) => name))].sort()).toEqual(waiting.sort());
  });

  it('cover every outcome, and instances that still wait', () => {
    const ofIncidents = histories.filter(({ name }) => name === 'handleIncident');
    const outcomes = new Set(ofIncidents.map(outcomeOf));
    expect([...outcomes].sort()).toEqual([...outcomeSchema.options, 'still running'].sort());
  });

  it('cover every activity', () => {
    expect([...new Set(histories.flatMap(calledIn))].sort()).toEqual([...activityNames].sort());
  });

  it('are reproducible', async () => {
    const folder = temporaryDirectory();
    const script = repository('scripts/histories.mjs');
    const made = ['first', 'second'].map(async (name) => {
      const into = join(folder.path, name);
      const { code, stderr } = await new Running([script, '--into', into, 'no-action']).ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return readFileSync(join(into, 'handleIncident.no-action.json'), 'utf8');
    });
    const [first, second] = await Promise.all(made);
    folder.remove();
    expect(second).toBe(first);
  });
});

describe('an orchestrator that no longer writes its first comment', () => {
  let app: ChangedApp;
  beforeAll(() => {
    app = changedApp('respond.ts', "yield* updateComment(rounds.scope, 'proposal');", '');
  });
  afterAll(() => app.remove());

  it('is reported with the event where it diverges', async () => {
    const history = named('rejected');
    const [result] = await replayHistories(app.path, [history]);
    expect(result).toMatchObject({
      same: false,
      name: 'handleIncident',
      divergence: { expected: "activity 'writeComment'", found: 'a timer' },
    });
    const { index = -1, eventId } = result?.divergence ?? {};
    expect(history.events[index]).toMatchObject({ EventType: 4, EventId: eventId, Name: 'writeComment' });
  });

  it('is reported for exactly the histories that have the comment', async () => {
    const results = await replayHistories(app.path, histories);
    const proposes = ({ events }: ExportedHistory) =>
      events.some(({ EventType, Input }) => EventType === 14 && /approvals\\*":\[\{/.test(String(Input)));
    expect(results.map(({ same }) => same)).toEqual(histories.map((history) => !proposes(history)));
  });

  it('is shown by the command line, which exits with 10', async () => {
    const args = ['histories', 'check', '--app', app.path];
    const { code, stdout } = await cli(args);
    expect(code).toBe(10);
    expect(stdout).toMatch(/handleIncident\.rejected +rejected +\d+ +diverges at event \d+\n/);
    expect(stdout).toMatch(/handleIncident\.no-playbook +no-playbook +\d+ +same\n/);
    expect(stdout).toMatch(
      /handleIncident\.rejected, event \d+ \(task \d+\):\n.*activity 'writeComment'\n.*a timer\n/,
    );
    const lines = (await cli([...args, '--json'])).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({
        orchestrator: 'handleIncident',
        outcome: 'rejected',
        same: false,
        divergence: expect.objectContaining({ expected: "activity 'writeComment'" }),
      }),
    );
  });
});

it('an orchestrator with an additional wait is also reported', async () => {
  const app = changedApp(
    'read.ts',
    'yield* this.#pause(',
    'yield* this.scope.waiting.sleep(5_000); yield* this.#pause(',
  );
  const results = await replayHistories(app.path, [named('without-entities'), named('rejected')]);
  app.remove();
  expect(results[0]?.divergence?.found).toBe('a timer');
  expect(results[1]).toMatchObject({ same: true });
});

describe('responder histories check', () => {
  it('finds the histories of the repository the same', async () => {
    const { code, stdout } = await cli(['histories', 'check']);
    expect(code).toBe(0);
    expect(stdout.match(/ same$/gm)).toHaveLength(files.length);
  });

  it.each([
    ['nowhere', 'history-unknown'],
    ['package.json', 'history-invalid'],
    ['playbooks', 'history-unknown'],
  ])('refuses %s as [%s]', async (path, problem) => {
    const { code, stderr } = await cli(['histories', 'check', repository(path)]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error [${problem}]`);
    expect(stderr).toContain('next: ');
  });

  it('reads a folder that `responder replay` does not accept as an incident', async () => {
    const { code, stderr } = await cli(['replay', 'histories']);
    expect(code).toBe(2);
    expect(stderr).toContain('error [fixture-invalid]');
    expect(stderr).toContain('not a recorded incident');
  });
});
