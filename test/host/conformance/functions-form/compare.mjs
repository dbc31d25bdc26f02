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
  const shaped = (side) => ({
    exchanges: side.exchanges.map(comparable),
    trace: side.trace,
    ...(side.log ? { log: said(side.log) } : {}),
  });
  walk(shaped(expected), shaped(actual), '', out);
  const isUnstable = (path) =>
    unstable.some((known) => path === known || path.startsWith(`${known}/`) || known.startsWith(`${path}/`));
  return out.filter(({ path }) => !isUnstable(path));
}

/** Recordings were made on a busy machine. */
const toleratedSeconds = 1;

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

function walk(expected, actual, path, out) {
  if (expected === actual) return;
  // What the app wrote is counted to the step that was running: a faster host may be one step ahead of the recorded one.
  if (/^\/trace\/\d+\/step$/.test(path) && actual === expected - 1) return;
  if (path.endsWith('/approxSeconds') && Math.abs((expected ?? 0) - (actual ?? 0)) <= toleratedSeconds)
    return;
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
