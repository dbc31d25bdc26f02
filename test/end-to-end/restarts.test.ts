/**
 * A responder that ends at any of its durable commits, by a power cut or by the platform, and starts again. Senders do
 * not repeat acknowledged messages: a lost delivery or decision would leave the incident unhandled.
 */
import { describe, expect, it } from 'vitest';
import { handleOnce, type Result, type Stop, type Way } from './restarts/life.js';

const WAYS: readonly Way[] = [
  { trigger: 'service-bus', channel: 'teams' },
  { trigger: 'event-grid', channel: 'service-bus' },
  { trigger: 'http', channel: 'web' },
  { trigger: 'event-grid', channel: 'http' },
];
/** Each way tries one of this many commits: 4 tries each commit in one of the ways, 1 tries all commits in all ways. */
const EVERY = Number(process.env.SWEEP_EVERY ?? 48);
/** More commits than a whole incident has: the sweep must end before. */
const TOO_MANY = 250;
const AT_ONCE = 2;

const undisturbed = new Map<Way, Promise<Result>>();
function expected(way: Way): Promise<Result> {
  const known = undisturbed.get(way) ?? handleOnce(way).then(({ result }) => result);
  undisturbed.set(way, known);
  return known;
}

/** False if the life ended before that commit. */
async function survives(way: Way, stop: Stop): Promise<boolean> {
  const { result, stopped, course } = await handleOnce(way, stop);
  const { cards, ...rest } = result;
  const { cards: asked, ...undisturbedRest } = await expected(way);
  const about = `${way.trigger}, ${way.channel}, ${stop.signal} at commit ${stop.commit}:${course}`;
  expect(rest, about).toEqual(undisturbedRest);
  // Teams has no idempotency key for a message: a card whose post was in progress when the process ended is posted again.
  expect([asked, asked + 1], about).toContain(cards);
  return stopped;
}

describe.each(WAYS)('an incident by $trigger, decided by $channel', (way) => {
  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'ends as if nothing had happened after %s at a durable commit',
    async (signal) => {
      // Each way and signal starts at another commit, so together they try more commits.
      const begins = WAYS.indexOf(way) + (signal === 'SIGTERM' ? 0.5 : 0);
      let next = 1 + Math.floor((begins * EVERY) / WAYS.length);
      let goesOn = true;
      let tried = 0;
      const sweep = async (): Promise<void> => {
        while (goesOn) {
          const commit = next;
          next += EVERY;
          expect(commit).toBeLessThan(TOO_MANY);
          if (await survives(way, { signal, commit })) tried += 1;
          else goesOn = false;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sweep));
      // Fewer would mean that whole stages share a commit, and the sweep would prove little.
      expect(tried).toBeGreaterThan(20 / EVERY);
    },
    1_800_000,
  );
});
