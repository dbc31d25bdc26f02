/**
 * A responder that is ended at any of its durable commits, by a power cut or by the platform, and started again. What
 * was acknowledged before is not sent again: a lost delivery or decision would leave the incident unhandled.
 */
import { describe, expect, it } from 'vitest';
import { handleOnce, type Result, type Stop, type Way } from './restarts/life.js';

const WAYS: readonly Way[] = [
  { door: 'service-bus', channel: 'teams' },
  { door: 'event-grid', channel: 'service-bus' },
  { door: 'http', channel: 'web' },
  { door: 'event-grid', channel: 'http' },
];
/** Of how many commits one is tried in each way: 4 tries each commit in one of the ways, 1 tries all in all. */
const EVERY = Number(process.env.SWEEP_EVERY ?? 24);
/** More commits than a whole incident has: the sweep must come to its end before. */
const TOO_MANY = 250;
const AT_ONCE = 2;

const undisturbed = new Map<Way, Promise<Result>>();
function expected(way: Way): Promise<Result> {
  const known = undisturbed.get(way) ?? handleOnce(way).then(({ result }) => result);
  undisturbed.set(way, known);
  return known;
}

/** False when the life was over before that commit. */
async function survives(way: Way, stop: Stop): Promise<boolean> {
  const { result, stopped, told } = await handleOnce(way, stop);
  const { cards, ...rest } = result;
  const { cards: asked, ...undisturbedRest } = await expected(way);
  const about = `${way.door}, ${way.channel}, ${stop.signal} at commit ${stop.commit}:${told}`;
  expect(rest, about).toEqual(undisturbedRest);
  // Teams takes no key for a message: a card whose post was on its way when the process ended is posted once more.
  expect([asked, asked + 1], about).toContain(cards);
  return stopped;
}

describe.each(WAYS)('an incident by $door, decided by $channel', (way) => {
  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'ends as if nothing had happened after %s at a durable commit',
    async (signal) => {
      // Each way and signal begins elsewhere, so that together they try more commits.
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
      // Fewer would mean that whole stages share a commit and the sweep proves little.
      expect(tried).toBeGreaterThan(20 / EVERY);
    },
    1_800_000,
  );
});
