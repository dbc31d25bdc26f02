/** One incident under all of its ids: one case, each action once, and no one decides who submitted it under any of them. */
import { it } from 'vitest';
import { playSchedules } from './aliases-world.js';

it(
  'is handled once, under whichever of its ids it arrives, changes, is lost or is merged',
  () => playSchedules({ runs: 2, seed: 201_734_881 }),
  900_000,
);
