/** Untrusted files for the command line: each error has a code, a place and a next step, and no stack trace. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonPlace } from '../../src/domain/json-place.js';
import { cli, type Ended, temporaryDirectory } from './run-cli.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const BOM = '\ufeff';
const HISTORY = readFileSync('fixtures/histories/0.1.0/handleIncident.rejected.json', 'utf8');
type History = Record<string, unknown> & { events: Record<string, unknown>[] };

function expectRefused({ code, stdout, stderr }: Ended, is: string, place: string): void {
  const all = stdout + stderr;
  expect(all).toContain(`[${is}]`);
  expect(all.replaceAll('\\', '/')).toContain(place);
  expect(all).toContain('next: ');
  expect(all).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(all.length).toBeLessThan(2_000);
  expect(code).toBe(2);
}

describe('a history', () => {
  const check = (content: string | Uint8Array): Promise<Ended> => {
    writeFileSync(join(directory.path, 'one.json'), content);
    return cli(['histories', 'check', join(directory.path, 'one.json')]);
  };
  const changed = (change: (history: History) => void): string => {
    const history = JSON.parse(HISTORY) as History;
    change(history);
    return JSON.stringify(history);
  };
  const first = (change: Record<string, unknown>) =>
    changed(({ events }) => {
      Object.assign(events[0] ?? {}, change);
    });

  it.each([
    ['cut short', '{\n  "format":1,', 'one.json:2:14'],
    ['with a comma too many', '{"format":1,\r\n"events":[1,]}', 'one.json:2:13'],
    ['of nothing', '', 'one.json:1:1'],
    ['with a sign that is no JSON', '[\n\n  NaN]', 'one.json:3:3'],
    ['that is no UTF-8', Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), 'one.json is not text in UTF-8'],
    ['nested thousands deep', `{"events":${'['.repeat(50_000)}`, 'one.json:1:'],
    ['whose event is no object', changed(({ events }) => events.push(null as never)), 'at events.'],
    ['of an event that there is not', first({ EventType: 1e308 }), 'at events.0.EventType'],
    ['of half an event', first({ EventType: 1.5 }), 'at events.0.EventType'],
    ['with a huge number', first({ EventId: 2 ** 53 }), 'at events.0.EventId'],
    ['with an id of another type', first({ EventId: '1' }), 'at events.0.EventId'],
    ['at no time', first({ Timestamp: 'yesterday' }), 'at events.0.Timestamp'],
    ['whose input is a list', first({ Input: [1] }), 'at events.0.Input'],
    ['under no name', changed((history) => Object.assign(history, { name: 1 })), 'at name'],
    ['of another format', changed((history) => Object.assign(history, { format: 2 })), 'at format'],
  ])('%s', async (_, content, place) => {
    expectRefused(await check(content), 'history-invalid', place);
  });

  it('is read with a byte order mark and Windows line ends', async () => {
    expect(await check(BOM + HISTORY.replaceAll('\n', '\r\n'))).toMatchObject({ code: 0 });
  });

  it('does not control the terminal', async () => {
    const { code, stdout } = await check(
      changed((history) => Object.assign(history, { name: 'x\u001b[2J\u202e' })),
    );
    expect(code).toBe(10);
    for (const sign of ['\u001b', '\u202e']) expect(stdout).not.toContain(sign);
  });

  it('with an empty name is not the working directory', async () => {
    expectRefused(await cli(['histories', 'check', '']), 'history-unknown', 'empty');
  });
});

describe('a recorded incident', () => {
  const replay = (file: string, content: string | Uint8Array): Promise<Ended> => {
    const folder = join(directory.path, 'changed');
    mkdirSync(folder);
    cpSync('fixtures/ransomware-on-workstation', folder, { recursive: true });
    writeFileSync(join(folder, file), content);
    return cli(['replay', folder]);
  };
  const about = (from: string | RegExp, to: string) =>
    readFileSync('fixtures/ransomware-on-workstation/fixture.json', 'utf8').replace(from, to);
  const decision = (more: string) => `[{"afterSeconds":5,"kind":"approve",${more}}]`;
  const invalid = 'fixture-invalid';

  it.each([
    ['event.json', 'cut short', '{\n"a":', invalid, 'event.json:2:5'],
    ['event.json', 'that is no UTF-8', Uint8Array.of(0xff), invalid, 'event.json is not text'],
    [
      'decisions.json',
      'by an unknown analyst',
      decision('"by":"Nobody"'),
      invalid,
      'decisions.json, at 0.by',
    ],
    ['decisions.json', 'of no action', decision('"actions":["__proto__"]'), invalid, 'at 0.actions.0'],
    ['decisions.json', 'with another key', decision('"__proto__":1'), invalid, 'at 0:'],
    [
      'decisions.json',
      'at the end of time',
      '[{"afterSeconds":1e308,"kind":"approve"}]',
      invalid,
      'at 0.afterSeconds',
    ],
    ['expected.json', 'cut short', '{', invalid, 'expected.json:1:2'],
    [
      'fixture.json',
      'of another time',
      about(/"startsAt": "\d{4}/, '"startsAt": "9999'),
      invalid,
      'at startsAt',
    ],
    ['fixture.json', 'of no incident', about('"/subscriptions/', '"x/'), invalid, 'at origin'],
    ['fixture.json', 'of another incident', about('00002001"', '00002002"'), 'another-incident', 'at origin'],
    ['exchanges.har', 'cut short', '{"log":\n [', 'recording-unreadable', 'this is not JSON, at 2:3'],
    [
      'exchanges.har',
      'of another form',
      '{"log":{"version":"1.2","entries":[{}]}}',
      'recording-unreadable',
      'log.entries.0',
    ],
    ['exchanges.har', 'that is no UTF-8', Uint8Array.of(0xff), 'recording-unreadable', 'exchanges.har'],
  ])('with %s %s', async (file, _, content, code, place) => {
    expectRefused(await replay(file, content), code, place);
  });
});

/** Any JSON, with an insertion or a deletion. */
const broken = fc
  .tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom('', ',', '}', ']', '"', '\\', '\u0001', ':', '1', 'x'),
    fc.nat(2),
  )
  .map(([text, at, sign, taken]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + sign + text.slice(place + taken);
  });
const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
/** As an offset. */
const placeIn = (text: string): number => {
  const [line = 0, column = 0] = jsonPlace(text).split(':').map(Number);
  const before = text.split('\n').slice(0, line - 1);
  return before.join('\n').length + (line > 1 ? 1 : 0) + column - 1;
};

describe('the place of a mistake in JSON', () => {
  it('is the end of a truncated text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(), (text, at) => {
        const cut = JSON.stringify(JSON.parse(text), null, 1).slice(0, at % (text.length + 1));
        // A truncated number or word is invalid from its beginning.
        expect(cut.slice(placeIn(cut))).toMatch(/^[-+.\w]*$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the first invalid character, whatever follows, and only if the text is not JSON', () => {
    fc.assert(
      fc.property(broken, fc.string(), (text, more) => {
        const place = placeIn(text);
        if (place < text.length && !/[-+.\w]/.test(text[place] ?? '')) {
          expect(isJson(text)).toBe(false);
          expect(placeIn(text.slice(0, place + 1) + more)).toBe(place);
        }
        expect(placeIn(text.slice(0, place))).toBe(place);
      }),
      { numRuns: 2_000 },
    );
  });
});
