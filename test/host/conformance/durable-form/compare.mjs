// Compares a recording with what was played, but for the paths that differed between runs on the real host. A time that
// a timer is set for is compared to within a second and a half: it depends on how long requests and turns took.
const TOLERANCE_S = 1.5;

/** @returns {{path: string, expected: unknown, actual: unknown}[]} */
export function differences(recorded, actual) {
  const { unstable = [], ...expected } = recorded;
  const found = [];
  walk(expected, actual, '', found);
  const excused = (path) =>
    unstable.some((known) => path === known || (path.startsWith(known) && '.['.includes(path[known.length])));
  return found.filter(({ path }) => !excused(path));
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
  } else if (!nearby(expected, actual)) differ();
}

/** `<t+3.1s>`: so many seconds after the beginning of the turn in which the timer was made. */
function nearby(expected, actual) {
  const [a, b] = [expected, actual].map((text) => /^<t\+(-?[\d.]+)s>$/.exec(text)?.[1]);
  return a !== undefined && b !== undefined && Math.abs(a - b) <= TOLERANCE_S;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
