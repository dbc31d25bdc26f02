/** Malformed activities with a genuine token: none is accepted, fails, hangs, or goes unreported. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ChannelMessage, TeamsResponder } from './teams.js';

let teams: TeamsResponder;
let card: ChannelMessage;
let instanceId: string;
beforeAll(async () => {
  teams = await TeamsResponder.start();
  instanceId = await teams.responder.deliver();
  card = await teams.card('Approval needed');
});
afterAll(() => teams.stop());

type Path = readonly string[];
const MARK = 'what is hostile';
const HOSTILE = [
  undefined,
  null,
  true,
  0,
  -1,
  1e308,
  1.5,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '\u202e',
  '\u017f',
  '__proto__',
  'constructor',
  '../../x',
  '{{TIME(1)}}',
  'x'.repeat(5_001),
  ',0'.repeat(2_000),
  [],
  ['sentinel.approve'],
  {},
  { toString: 'x', valueOf: 'x', length: -1 },
].map((value) => JSON.stringify(value));
/** Raw body texts that the library cannot produce, for example because of their depth. */
const TEXTS: readonly (string | undefined)[] = [
  ...HOSTILE,
  '{"__proto__":{"verb":"sentinel.approve"}}',
  `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'NaN',
  '1e999',
];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, part]) => pathsOf(part, [...path, name]))];
}

function changed(value: unknown, [name, ...rest]: Path, to: unknown): unknown {
  if (name === undefined) return to;
  const copy = { ...(value as Record<string, unknown>) };
  return { ...copy, [name]: changed(copy[name], rest, to) };
}

const logged = () => teams.responder.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
const decided = async () => (await teams.responder.caseFile(instanceId))?.decisions ?? [];

/** Checks that the responder did not fail, and reported a code: in the log, in the audit, or in the answer. */
async function expectSeen(body: string, what: string): Promise<void> {
  const { simulator } = teams.responder;
  const [lines, evaluated] = [logged().length, (await decided()).length];
  const response = await fetch(teams.endpoint, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulator.teams.token()}`, 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  expect([200, 401, 413], what).toContain(response.status);
  const now = await decided();
  for (const { outcome } of now) expect(outcome.accepted, what).toBe(false);
  const words = logged().slice(lines);
  const seen =
    now.length > evaluated || /"code":/.test(text) || words.some((line) => /\([a-z-]+\)|"code":/.test(line));
  expect(seen, `${what}: ${JSON.stringify(words)} ${text.slice(0, 300)}`).toBe(true);
  expect(words.join('\n'), what).not.toMatch(
    /could not be processed|could not be stored|TypeError|RangeError|\n\s+at /,
  );
}

/** An activity that would be accepted if one place in it were genuine. */
const activity = () => ({
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/teams/',
  recipient: { id: '28:00000000-0000-4000-8000-00000000c11e' },
  timestamp: new Date(teams.responder.now()).toISOString(),
  ...teams.activity(card, { selection: 'no step', by: 'Noor Haddad' }),
});

it('is reported and not accepted, wherever it is in an activity', async () => {
  const { serviceUrl } = activity();
  expect(serviceUrl).toBeDefined();
  const paths = pathsOf(activity());
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      // By index: the test library prints the values, which fails for deeply nested ones.
      fc.oneof(
        fc.nat(TEXTS.length - 1),
        fc.jsonValue().map((value) => ({ value })),
      ),
      async (path, which) => {
        const text = typeof which === 'number' ? TEXTS[which] : JSON.stringify(which.value);
        const changedTo = changed(activity(), path, text === undefined ? undefined : MARK) ?? null;
        const body = JSON.stringify(changedTo).replace(JSON.stringify(MARK), () => text ?? '');
        await expectSeen(body, `${path.join('.')} = ${text?.slice(0, 60)}`);
      },
    ),
    { numRuns: 150, seed: 20_260_310 },
  );
});

it.each([
  ['installationUpdate', { channelData: { tenant: { id: 5 } } }],
  ['conversationUpdate', { channelData: null }],
  ['conversationUpdate', { recipient: [] }],
  ['message', { text: 'approve' }],
  ['message', { value: { verb: 'sentinel.approve' } }],
  ['INVOKE', {}],
  ['event', { name: 'adaptiveCard/action' }],
  ['__proto__', {}],
])('is seen as %s with %j', async (type, change) => {
  await expectSeen(JSON.stringify({ ...activity(), type, ...change }), type);
});

it.each([
  ['the verb', '"verb":"sentinel.approve"', '"verb":"sentinel.reject","verb":"sentinel.approve"'],
  ['who it was', '"aadObjectId":', '"aadObjectId":"00000000-0000-4000-8000-00000000a105","aadObjectId":'],
  [
    'the verb in other letters',
    '"verb":"sentinel.approve"',
    '"ve\\u0072b":"sentinel.reject","verb":"sentinel.approve"',
  ],
])('does not count where it names %s twice', async (_, once, twice) => {
  const body = JSON.stringify({
    ...activity(),
    ...teams.activity(card, { selection: '0' }),
    channelId: 'msteams',
  });
  expect(body).toContain(once);
  await expectSeen(body.replace(once, twice), twice);
});
