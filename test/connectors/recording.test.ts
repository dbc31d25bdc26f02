import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  contoso,
  DANA,
  ManualClock,
  type RunningContoso,
  startContoso,
  triggerBody,
  WORKSTATION,
} from '../../packages/tenant-simulator/test/contoso.js';
import { apis, type Clients } from '../../src/actions/services.js';
import { createClients } from '../../src/connectors/index.js';
import { kql } from '../../src/domain/builders/kql.js';
import { armId, path } from '../../src/domain/builders/path.js';

const anything = z.unknown();
const incident = armId(triggerBody().object.id);
const comment = path`${incident}/comments/${'one'}?api-version=2025-09-01`;
const workspace = contoso().workspace.customerId;
const statusSchema = z.object({ value: z.array(z.looseObject({ status: z.string() })) });

interface Entry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: readonly { readonly name: string }[];
  };
  readonly response: { readonly status: number; readonly _error?: string };
}

let directory: string;
let file: string;
let running: RunningContoso[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'recording-'));
  file = join(directory, 'exchanges.har');
  running = [];
});
afterEach(async () => {
  for (const { simulator } of running) await simulator.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function recorder(to = file): Promise<RunningContoso> {
  const started = await startContoso({ connectors: { recordExchangesTo: to } });
  running.push(started);
  return started;
}
const replay = (from = file, secret?: string): Clients =>
  createClients(
    apis,
    { recordedExchanges: from, ...(secret ? { clientSecret: secret } : {}) },
    { clock: new ManualClock(), sleep: async () => undefined },
  );
const har = (from = file) =>
  JSON.parse(readFileSync(from, 'utf8')) as { log: { entries: Entry[]; _synthetic: boolean } };

const user = ({ graph }: Clients) =>
  graph.get(path`/v1.0/users/${DANA}?$select=id&$expand=manager($select=id)`, anything);
const actions = async ({ defender }: Clients) =>
  (
    await defender.get(
      path`/api/machineactions?$filter=${{ raw: `machineId%20eq%20'${WORKSTATION}'` }}`,
      statusSchema,
    )
  ).body.value.map(({ status }) => status);
const isolate = ({ defender }: Clients) =>
  defender.post(
    path`/api/machines/${WORKSTATION}/isolate`,
    { Comment: 'x', IsolationType: 'Full' },
    anything,
  );
const signIns = ({ logs }: Clients) =>
  logs.query(workspace, kql('SigninLogs | summarize', { user: DANA }), 'P14D');

/** Calls of every service over some time; reads of one moment run in parallel. */
async function callEveryService(clients: Clients, advance: (seconds: number) => void): Promise<unknown[]> {
  const found = await Promise.all([
    user(clients),
    signIns(clients),
    clients.arm.postRead(path`${incident}/entities?api-version=2025-09-01`, undefined, anything),
    clients.graph
      .get(path`/v1.0/users/${'no.one@contoso.com'}`, anything)
      .catch((error: { info: unknown }) => error.info),
    actions(clients),
  ]);
  const done = await isolate(clients);
  advance(30);
  const later = [await actions(clients)];
  advance(60);
  later.push(await actions(clients));
  const written = await clients.arm.put(comment, { properties: { message: 'isolated' } }, anything);
  return [...found, done, later, written];
}

describe('a recording', () => {
  it('returns the n-th recorded answer for the n-th call, with no network', async () => {
    const { clients, clock, simulator } = await recorder();
    const live = await callEveryService(clients, (seconds) => clock.advance(seconds));
    await simulator.stop();
    running = [];
    const replayed = await callEveryService(replay(), () => undefined);
    expect(replayed).toEqual(live);
    expect(live.at(-2)).toEqual([['InProgress'], ['Succeeded']]);
  });

  it('has the same bytes each time, although answers arrive in any order', async () => {
    const texts: string[] = [];
    for (const name of ['a.har', 'b.har', 'c.har']) {
      const { clients, clock } = await recorder(join(directory, name));
      await callEveryService(clients, (seconds) => clock.advance(seconds));
      texts.push(readFileSync(join(directory, name), 'utf8'));
    }
    expect(new Set(texts).size).toBe(1);
    const { log } = har(join(directory, 'a.har'));
    expect(log._synthetic).toBe(true);
    expect(log.entries.map(({ time }) => time)).toEqual(log.entries.map(() => 0));
    const times = log.entries.map(({ startedDateTime }) => startedDateTime);
    expect(times).toEqual([...times].sort());
    expect(new Set(times)).toEqual(
      new Set(['2026-03-10T08:12:00.000Z', '2026-03-10T08:12:30.000Z', '2026-03-10T08:13:30.000Z']),
    );
  });

  it('holds no token, no secret in any form, no sign-in and no header outside the allow-list', async () => {
    const { clients, clock } = await recorder();
    const { clientSecret } = contoso().app;
    await callEveryService(clients, (seconds) => clock.advance(seconds));
    const planted = `${clientSecret} ${encodeURIComponent(`${clientSecret}!`)} ${Buffer.from(clientSecret).toString('base64')} sig=abc&x Bearer abc.def eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln`;
    const put = (clientsOf: Clients) =>
      clientsOf.arm.put(
        path`${incident}/comments/${clientSecret}?api-version=2025-09-01&sig=abcdef`,
        { properties: { message: planted } },
        anything,
      );
    await put(clients);
    const text = readFileSync(file, 'utf8');
    for (const form of [
      clientSecret,
      clientSecret.toUpperCase(),
      Buffer.from(clientSecret).toString('base64'),
      'abc.def',
      'eyJ',
      'sig=abcdef',
      'simulated.',
    ]) {
      expect(text).not.toContain(form);
    }
    const { entries } = har().log;
    expect(entries.filter(({ request }) => request.url.includes('login.microsoftonline.com'))).toEqual([]);
    const names = new Set(entries.flatMap(({ request }) => request.headers.map(({ name }) => name)));
    expect([...names].sort()).toEqual(['accept', 'content-type']);
    // What was taken out is taken out of the question, too.
    await expect(put(replay(file, clientSecret))).resolves.toMatchObject({ status: 201 });
  });

  it('repeats the last answer to a read, but a write only as often as it was recorded', async () => {
    const { clients } = await recorder();
    await user(clients);
    await signIns(clients);
    await isolate(clients);
    const again = replay();
    for (let i = 0; i < 3; i += 1) {
      await user(again);
      expect((await signIns(again)).rows).toHaveLength(1);
    }
    await isolate(again);
    await expect(isolate(again)).rejects.toMatchObject({ info: { code: 'not-recorded', retry: 'no' } });
  });

  it('is matched by the meaning of a call, not by its spelling', async () => {
    const { clients } = await recorder();
    await clients.graph.get(path`/v1.0/users/${DANA}?$select=id&$expand=manager`, anything);
    await clients.defender.post(
      path`/api/machines/${WORKSTATION}/isolate`,
      { Comment: 'x', IsolationType: 'Full' },
      anything,
    );
    const again = replay();
    await again.graph.get(path`/v1.0/users/${DANA}?$expand=manager&${{ raw: '%24select' }}=id`, anything);
    await again.defender.post(
      path`/api/machines/${WORKSTATION}/isolate`,
      { IsolationType: 'Full', Comment: 'x' },
      anything,
    );
    for (const [service, call] of [
      ['graph.microsoft.com', again.graph.get(path`/v1.0/users/${DANA}?$select=id`, anything)],
      [
        'graph.microsoft.com',
        again.graph.get(path`/beta/users/${DANA}?$select=id&$expand=manager`, anything),
      ],
      [
        'api.security.microsoft.com',
        again.defender.post(
          path`/api/machines/${WORKSTATION}/isolate`,
          { Comment: 'y', IsolationType: 'Full' },
          anything,
        ),
      ],
      ['api.loganalytics.io', again.logs.query(workspace, kql('SigninLogs', {}), 'P1D')],
    ] as const) {
      await expect(call).rejects.toMatchObject({
        info: { code: 'not-recorded', place: expect.stringContaining(service) },
      });
    }
  });

  it('that cannot be written is refused before anything is called', async () => {
    writeFileSync(join(directory, 'a-file'), '');
    const started = recorder(join(directory, 'a-file', 'exchanges.har'));
    await expect(started).rejects.toMatchObject({ info: { code: 'recording-unwritable' } });
  });

  it('records that there was no answer', async () => {
    const { clients, simulator } = await recorder();
    simulator.addFault({
      host: 'graph.microsoft.com',
      path: /./,
      times: 1,
      answer: { kind: 'reset', after: 'nothing' },
    });
    simulator.addFault({
      host: 'api.security.microsoft.com',
      path: /./,
      times: 1,
      answer: { kind: 'reset', after: 'effect' },
    });
    await user(clients);
    await expect(isolate(clients)).rejects.toMatchObject({ info: { retry: 'check-before-retry' } });
    expect(har().log.entries.filter(({ response }) => response.status === 0)).toHaveLength(2);
    const again = replay();
    await user(again);
    await expect(isolate(again)).rejects.toMatchObject({
      info: { code: 'service-unavailable', retry: 'check-before-retry' },
    });
  });

  it.each([
    ['is not there', undefined, /ENOENT/],
    ['is not JSON', 'HAR', /JSON/],
    ['is not HAR', '{"log":{"version":"1.2","entries":[{"request":{}}]}}', /log\.entries\.0/],
  ])('that %s is refused with the place', (_what, text, message) => {
    if (text !== undefined) writeFileSync(file, text);
    let thrown: unknown;
    try {
      replay();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ info: { code: 'recording-unreadable', place: file } });
    expect(String(thrown)).toMatch(message);
  });
});
