// Mutants of example bodies, the same for the same seed: text that is cut, changed and doubled, values of other types, other
// wrappers. For the fuzz tests.
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('examples/', import.meta.url);
/** The texts of all examples. */
export const EXAMPLES = readdirSync(folder)
  .filter((name) => /\.jsonl?$/.test(name))
  .sort()
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

/** The mutant of a seed: a text, bytes or a parsed value. */
export function mutant(seed) {
  const next = random(seed);
  const text = EXAMPLES[next(EXAMPLES.length)];
  let value = next(3) === 0 ? cut(text, next) : changed(parsed(text), next);
  for (let times = next(3); times > 0; times -= 1) value = wrapped(value, next);
  return value;
}

/** Mulberry32: `next(n)` is a whole number below n. */
function random(seed) {
  let state = (seed * 0x9e3779b1) >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
  }
}

/** Text with a part cut out, doubled, replaced or inserted. */
function cut(text, next) {
  const [a, b] = [next(text.length), next(text.length)].sort((x, y) => x - y);
  const odd = ['"', '{', '[', '\\', '\0', '\ufffd', '\ufeff', '\ud800', '\u202e', '1e999', 'null', '//'];
  const forms = [
    () => text.slice(0, a),
    () => text.slice(a),
    () => text.slice(0, a) + text.slice(Math.min(b, a + 40)),
    () => text.slice(0, a) + text.slice(a, b).repeat(2) + text.slice(b),
    () => text.slice(0, a) + odd[next(odd.length)] + text.slice(a),
  ];
  return forms[next(forms.length)]();
}

const ODD = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '',
  ' ',
  'null',
  'NaN',
  'x'.repeat(3_000),
  '\0\u200b\u202e',
  '\ud800',
  '__proto__',
  [],
  {},
  [[]],
  [null],
  { $ref: '2' },
  { $id: '2', Type: 'account' },
  '[{"$id":"1","$ref":"1"}]',
  '{"a":',
  '[1,2',
  { body: 7 },
  { value: [1, {}] },
  { length: 5 },
  { toString: 1 },
  '0001-01-01T00:00:00',
  '31/12/2026 25:61:61',
  '%00',
  deep(70),
  '['.repeat(2_000),
  'https://security.microsoft.com/incidents/1?tid=x',
  Array.from({ length: 300 }, () => ({})),
];

function deep(levels) {
  let value = 1;
  for (let i = 0; i < levels; i += 1) value = { a: [value] };
  return value;
}

/** A copy with up to eight changed places. */
function changed(value, next) {
  const copy = structuredClone(value);
  const places = [];
  const visit = (part) => {
    if (typeof part !== 'object' || part === null) return;
    for (const key of Object.keys(part)) {
      places.push([part, key]);
      visit(part[key]);
    }
  };
  visit(copy);
  for (let times = 1 + next(8); times > 0 && places.length > 0; times -= 1) {
    const [holder, key] = places[next(places.length)];
    const [other, otherKey] = places[next(places.length)];
    const forms = [
      () => (holder[key] = ODD[next(ODD.length)]),
      () => (holder[key] = structuredClone(other[otherKey])),
      () => delete holder[key],
      () => Array.isArray(holder) && holder.push(...structuredClone(holder).slice(0, 50)),
      () => (holder[String(key).toUpperCase()] = holder[key]),
      () => (holder[key] = JSON.stringify(holder[key])),
      () =>
        Object.defineProperty(holder, '__proto__', {
          value: structuredClone(other[otherKey]),
          enumerable: true,
          configurable: true,
          writable: true,
        }),
      () => (holder[`${key}\u200b`] = holder[key]),
      () => (holder[key] = [holder[key], holder[key]]),
    ];
    forms[next(forms.length)]();
  }
  return copy;
}

/** The value in one more wrapper. */
function wrapped(value, next) {
  const text = () => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  const bytes = () => (value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(text()));
  const forms = [
    () => text(),
    () => JSON.stringify(text()),
    () => bytes(),
    () => bytes().toString('base64'),
    () =>
      bytes()
        .toString('base64url')
        .slice(0, next(5) === 0 ? -1 - next(6) : undefined),
    () => Buffer.from(`\ufeff${text()}`, 'utf16le'),
    () => Buffer.from(text(), 'utf16le').toString('latin1'),
    () => Buffer.concat([Buffer.from([next(256), next(256)]), bytes()]),
    () =>
      Buffer.from(`@\x06string\x083http://schemas.microsoft.com/2003/10/Serialization/\x98{${text()}\x01`),
    () => ({ headers: {}, body: value }),
    () => ({ specversion: '1.0', type: 'x', source: 's', id: 'i', data: value }),
    () => ({ specversion: '1.0', type: 'x', data_base64: bytes().toString('base64') }),
    () => ({ id: 'e', eventType: 'x', data: value }),
    () => [value, value],
    () => ({ value: [value] }),
    () => ({ SecurityIncident: value, SecurityAlert: value }),
    () => ({
      tables: [
        { columns: [{ name: 'IncidentName' }, { name: 'SystemAlertId' }], rows: [[value, 'x'], value] },
      ],
    }),
  ];
  return forms[next(forms.length)]();
}
