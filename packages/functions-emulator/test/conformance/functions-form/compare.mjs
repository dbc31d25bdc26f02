// Where what the embedded host did differs from the recording.
import { sortHeaders } from './request.mjs';

/** The error sentences of the real host's log that apps' authors meet; the rest of its log is its own affair. */
const sentences = [
  /The '[^']*' function is in error: The route specified conflicts with the route defined by function '[^']*'\./,
  /The '[^']*' function is in error: '[^']*' is not a valid function name\./,
  /The '[^']*' function is in error: Error parsing function\.json: Invalid value specified for binding property 'authLevel'/,
  /'%[^%]*%' does not resolve to a value\./,
  /The schedule expression '[^']*' was not recognized as a valid cron expression or timespan string\./,
  /Exceeded language worker restart retry count for runtime:node\./,
  /Timeout value of [\d:]+ was exceeded by function: \S+/,
];

function said(log) {
  const found = log.flatMap((line) => sentences.map((sentence) => sentence.exec(line)?.[0] ?? ''));
  return [...new Set(found.filter(Boolean))].sort();
}

/** @returns {{path: string, expected: unknown, actual: unknown}[]} */
export function differences(recorded, actual) {
  const { unstable = [], name: _name, profile: _profile, ...expected } = recorded;
  const out = [];
  const trace = asRecorded(actual.trace, expected.trace);
  const shaped = (side) => ({
    exchanges: side.exchanges.map(comparable),
    trace: side.trace,
    ...(side.log ? { log: said(side.log) } : {}),
  });
  walk(shaped(expected), shaped({ ...actual, trace }), '', out);
  const isUnstable = (path) =>
    unstable.some((known) => path === known || path.startsWith(`${known}/`) || known.startsWith(`${path}/`));
  return out.filter(({ path }) => !isUnstable(path));
}

/** What took longer than recorded may have had to wait for the machine; what was faster has left something out. */
const slowerSeconds = 20;
const fasterSeconds = 1;

/** Lengths of bodies in which names of this machine stand are not comparable. */
function comparable(exchange) {
  if (exchange.parallel) return { ...exchange, parallel: exchange.parallel.map(comparable) };
  if (!exchange.response) return exchange;
  const response = { ...exchange.response };
  if (response.raw !== undefined) response.raw = sortHeaders(response.raw);
  const machineDependent = JSON.stringify([response.json, response.body]).match(
    /<(app|state|host|base|hostid|key:\w+|generated key|process list)>/,
  );
  if (machineDependent) {
    response.headers = response.headers.map(([name, value]) => [
      name,
      name === 'Content-Length' ? '<n>' : value,
    ]);
  }
  if (Array.isArray(response.json?.processes)) response.json = { processes: '<process list>' };
  if (Array.isArray(response.json?.keys)) {
    response.json = {
      ...response.json,
      keys: response.json.keys.map((key) => ({
        ...key,
        value: /^<key:/.test(key.value) ? key.value : '<generated key>',
      })),
    };
  }
  return { ...exchange, response };
}

/** Of a long value the app wrote its length and its first characters; a shorter one here is shown likewise. */
function asRecorded(value, recorded) {
  if (typeof value !== 'object' || value === null || typeof recorded !== 'object' || recorded === null)
    return value;
  if (recorded.jsonLength !== undefined && value.json !== undefined) {
    const { json, ...rest } = value;
    const text = JSON.stringify(json);
    return { ...rest, jsonLength: text.length, jsonStart: text.slice(0, recorded.jsonStart.length) };
  }
  if (Array.isArray(value)) return value.map((inner, i) => asRecorded(inner, recorded[i]));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, asRecorded(inner, recorded[key])]),
  );
}

function walk(expected, actual, path, out) {
  if (expected === actual) return;
  // What the app wrote is counted to the step that was running: a faster host may be one step ahead of the recorded one.
  if (/^\/trace\/\d+\/step$/.test(path) && actual === expected - 1) return;
  if (path.endsWith('/approxSeconds')) {
    const longer = (actual ?? 0) - (expected ?? 0);
    if (longer <= slowerSeconds && longer >= -fasterSeconds) return;
  }
  const nested = expected && actual && typeof expected === 'object' && typeof actual === 'object';
  const sameShape = nested && Array.isArray(expected) === Array.isArray(actual);
  if (!sameShape || (Array.isArray(expected) && expected.length !== actual.length)) {
    out.push({ path, expected, actual });
    return;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    walk(expected[key], actual[key], `${path}/${key}`, out);
  }
}
