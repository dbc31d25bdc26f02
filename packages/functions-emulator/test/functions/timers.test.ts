import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { virtualClock } from 'functions-emulator';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseTimeSpan } from '../../src/time-span.js';
import { parseNcrontab } from '../../src/triggers/ncrontab.js';
import { type Started, start, toyApp, writeApp } from './app.js';

const appDirectory = toyApp('functions-events');
const begin = Date.UTC(2031, 0, 1, 6);

interface Run {
  readonly timer: string;
  readonly at: string;
  readonly isPastDue: boolean;
  readonly status: { readonly last: string; readonly next: string } | null;
}
async function runs(host: Started, name: string): Promise<Run[]> {
  const seen = (await (await host.get('/api/seen')).json()) as Run[];
  return seen.filter(({ timer }) => timer === name);
}

/** Lets a virtual clock advance to the given time, while no request is held open. */
async function until(host: Started, time: number): Promise<void> {
  await new Promise<void>((resolve) => void host.clock.at(time, resolve));
}

describe('timer triggers', () => {
  test('run at the times of their expression, and get the last and the next time', async () => {
    const host = await start({ appDirectory, settings: { SPAN: '7.00:00:00' }, clock: virtualClock(begin) });
    await until(host, begin + 3 * 86_400_000);
    const daily = await runs(host, 'daily');
    expect(daily.slice(0, 3).map(({ at }) => at)).toEqual([
      '2031-01-01T06:30:00.000Z',
      '2031-01-02T06:30:00.000Z',
      '2031-01-03T06:30:00.000Z',
    ]);
    expect(daily[1]).toMatchObject({
      isPastDue: false,
      status: { last: '2031-01-01T06:30:00.000+00:00', next: '2031-01-02T06:30:00.000+00:00' },
    });
  });

  test('accept a time span from a setting, and run at start if configured', async () => {
    const host = await start({ appDirectory, settings: { SPAN: '02:00:00' }, clock: virtualClock(begin) });
    await until(host, begin + 4.5 * 3_600_000);
    expect((await runs(host, 'span')).slice(0, 2).map(({ at }) => at.slice(11, 16))).toEqual([
      '08:00',
      '10:00',
    ]);
    expect((await runs(host, 'atStart')).map(({ at }) => at.slice(11, 16))).toEqual(['06:00']);
  });

  test('run late, marked as past due, when the host was down at their time', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'timers-'));
    onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
    const settings = { SPAN: '7.00:00:00' };
    const first = await start({ appDirectory, dataDirectory, settings, clock: virtualClock(begin) });
    await until(first, begin + 3_600_000);
    await first.stop();
    const later = Date.UTC(2031, 0, 4, 12);
    const second = await start({ appDirectory, dataDirectory, settings, clock: virtualClock(later) });
    await until(second, later + 60_000);
    expect((await runs(second, 'daily'))[0]).toMatchObject({
      at: '2031-01-04T12:00:00.000Z',
      isPastDue: true,
    });
  });

  test('do not overlap: the next run is scheduled from the end of a late one', async () => {
    const app = writeApp({
      'index.js': `
        import { setTimeout as sleep } from 'node:timers/promises';
        import { app } from '@azure/functions';
        let running = 0, most = 0, runs = 0;
        app.timer('busy', { schedule: '*/1 * * * * *', handler: async () => {
          most = Math.max(most, ++running); runs++; await sleep(1300); running--;
        } });
        app.http('state', { handler: async () => ({ jsonBody: { most, runs } }) });`,
    });
    const host = await start({ appDirectory: app });
    let state = { most: 0, runs: 0 };
    while (state.runs < 2) {
      state = (await (await host.get('/api/state')).json()) as typeof state;
      await sleep(50);
    }
    expect(state.most).toBe(1);
  });
});

describe('NCRONTAB expressions', () => {
  const next = (text: string, after: string): string => {
    const at = parseNcrontab(text)?.next(Date.parse(after));
    return at === undefined ? 'refused' : Number.isFinite(at) ? new Date(at).toISOString() : 'never';
  };
  test.each([
    ['0 */5 * * * *', '2031-01-01T00:01:00Z', '2031-01-01T00:05:00.000Z'],
    ['0 0 * * * *', '2031-01-01T00:00:00Z', '2031-01-01T01:00:00.000Z'],
    ['30 5 * * *', '2031-01-01T06:00:00Z', '2031-01-02T05:30:00.000Z'],
    ['0 30 9 * * Mon-Fri', '2031-01-03T10:00:00Z', '2031-01-06T09:30:00.000Z'],
    ['0 0 0 1 Jan,jul *', '2031-02-01T00:00:00Z', '2031-07-01T00:00:00.000Z'],
    ['0 0 0 29 2 *', '2031-01-01T00:00:00Z', '2032-02-29T00:00:00.000Z'],
    ['0 0 0 31 2 *', '2031-01-01T00:00:00Z', 'never'],
    ['10-20/5 0 0 * * *', '2031-01-01T00:00:10Z', '2031-01-01T00:00:15.000Z'],
    ['0 0 25 * * *', '2031-01-01T00:00:00Z', 'refused'],
    ['0 0 * *', '2031-01-01T00:00:00Z', 'refused'],
    ['not a schedule', '2031-01-01T00:00:00Z', 'refused'],
  ])('%s after %s is %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  test('the next time is the first second that matches all fields', () => {
    const field = (low: number, high: number): fc.Arbitrary<string> =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: low, max: high }).map(String),
        fc.integer({ min: 2, max: 9 }).map((n) => `*/${n}`),
      );
    fc.assert(
      fc.property(
        field(0, 59),
        field(0, 59),
        field(0, 3),
        fc.integer({ min: 0, max: 86_400 }),
        (s, m, h, offset) => {
          const schedule = parseNcrontab(`${s} ${m} ${h} * * *`);
          const after = Date.UTC(2031, 0, 1) + offset * 1000;
          const matches = (text: string, value: number): boolean =>
            text === '*' ||
            (text.startsWith('*/') ? value % Number(text.slice(2)) === 0 : value === Number(text));
          let expected = after + 1000;
          for (;;) {
            const at = new Date(expected);
            if (!matches(h, at.getUTCHours())) expected = (Math.floor(expected / 3_600_000) + 1) * 3_600_000;
            else if (matches(s, at.getUTCSeconds()) && matches(m, at.getUTCMinutes())) break;
            else expected += 1000;
          }
          expect(schedule?.next(after)).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['00:00:02', 2_000],
    ['1.02:03:04.5', 93_784_500],
    ['02:30', 9_000_000],
    ['25:00:00', undefined],
    ['soon', undefined],
  ])('the time span %s is %s ms', (text, expected) => {
    expect(parseTimeSpan(text)).toBe(expected);
  });
});
