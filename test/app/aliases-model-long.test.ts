/** More schedules than in aliases-model.test.ts, and those that once failed. */
import { it } from 'vitest';
import { playSchedules } from './aliases-world.js';

it(
  'is handled once, in many more schedules',
  () => playSchedules({ runs: 12, seed: 417_902_653 }),
  1_800_000,
);
