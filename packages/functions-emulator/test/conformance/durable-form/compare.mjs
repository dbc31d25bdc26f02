// Compares a recording with what was played, but for the paths that differed between runs on the real host.
//
// Two things depend on how fast a host is, and no host has them twice alike: the time that a timer is set for, which is
// compared to within a second and a half, and which messages came together in one turn or batch. Where the turns are
// cut differently, they are compared without regard to that; `canonical` holds the rest and is compared as it is.
const TOLERANCE_S = 1.5;

/** @returns {{path: string, expected: unknown, actual: unknown}[]} */
export function differences(recorded, actual) {
  const { unstable = [], ...whole } = recorded;
  const expected = onlyOwn(whole);
  const played = onlyOwn(actual);
  const found = [];
  walk(expected, played, '', found);
  const excused = (path) =>
    unstable.some((known) => path === known || (path.startsWith(known) && '.['.includes(path[known.length])));
  const left = found.filter(({ path }) => !excused(path));
  if (!left.some(({ path }) => path.startsWith('trace'))) return left;
  const uncut = [];
  walk(withoutCuts(expected.trace), withoutCuts(played.trace), 'trace', uncut);
  return [...left.filter(({ path }) => !path.startsWith('trace')), ...uncut];
}

function walk(expected, actual, path, found) {
  if (JSON.stringify(expected) === JSON.stringify(actual)) return;
  const differ = () => found.push({ path, expected, actual });
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) differ();
    else
      for (const [index, member] of expected.entries())
        walk(member, actual[index], `${path}[${index}]`, found);
  } else if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      walk(expected[key], actual[key], path === '' ? key : `${path}.${key}`, found);
    }
  } else if (!nearby(expected, actual) && !oneOf(expected, actual)) differ();
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `<t+3.1s>`: so many seconds after the beginning of the turn in which the timer was made. */
function nearby(expected, actual) {
  const [a, b] = [expected, actual].map((text) => /^<t\+(-?[\d.]+)s>$/.exec(text)?.[1]);
  return a !== undefined && b !== undefined && Math.abs(a - b) <= TOLERANCE_S;
}

/** `<OrchestratorStarted 3 or 4 of 4>`: two turns that began in the same millisecond. */
function oneOf(expected, actual) {
  const [a, b] = [expected, actual].map((text) => /^<OrchestratorStarted (.*) of (\d+)>$/.exec(text));
  return a !== null && b !== null && a?.[2] === b?.[2] && b?.[1].split(' or ').includes(a[1]);
}

/** Lists of entities hold what all other scenarios have left behind; those are no part of this one. */
function onlyOwn(record) {
  const own = ({ entityId }) => entityId.key.startsWith(`${record.scenario.name}-`);
  const exchanges = record.exchanges.map((exchange) => {
    const body = exchange.response?.body;
    if (!Array.isArray(body) || body.length === 0 || !body.every((member) => member?.entityId))
      return exchange;
    const paged = /[?&]top=/.test(exchange.request.path);
    return {
      ...exchange,
      response: { ...exchange.response, body: paged ? 'a page of them' : body.filter(own) },
    };
  });
  return { ...record, exchanges };
}

/** The trace as if each orchestration had had one turn only, and each entity one batch. */
function withoutCuts(trace) {
  if (!Array.isArray(trace)) return trace;
  const whole = new Map();
  for (const turn of trace) {
    const key = turn.kind === 'activity' ? Symbol('each') : `${turn.instance}|${turn.execution}`;
    whole.set(key, join(whole.get(key), turn));
  }
  return [...whole.values()];
}

function join(before, turn) {
  if (turn.kind === 'activity') return turn;
  const { kind, instance, execution, fn } = turn;
  if (kind === 'orchestrator') {
    const { result, error } = turn;
    return { kind, instance, execution, fn, binding: before?.binding ?? turn.binding, result, error };
  }
  const { input, result } = turn;
  return {
    kind,
    instance,
    fn,
    existed: before?.existed ?? input.exists,
    operations: [...(before?.operations ?? []), ...input.batch],
    results: [...(before?.results ?? []), ...result.results],
    signals: [...(before?.signals ?? []), ...result.signals],
    exists: result.entityExists,
    state: result.entityState,
  };
}
