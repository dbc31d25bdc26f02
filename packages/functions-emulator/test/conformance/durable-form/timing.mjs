// How late the real host's queues were read. They were polled five times a second, so starts and timers were found up to
// 200 ms late; the recordings do not say by how much. It matters only where something else comes that soon after. Each
// such scenario stands here, with what its recording shows; all others are played with next to none.

/**
 * @typedef {object} Timing
 * @property {number} start how many milliseconds late the first start was found: pauses after it are shorter
 * @property {number} timer how many milliseconds late timers were found
 * @property {readonly string[]} [overtaken] instances whose start was found after what had been requested next
 * @property {string} [why]
 */

/**
 * As early as can be, but later than the second itself: timers that are due in the same moment cannot be told apart.
 * @type {Timing}
 */
const AT_ONCE = { start: 0, timer: 7 };

/** By name. @type {Record<string, Timing>} */
const FOUND_LATE = {
  'forgottenWait-reminded': {
    start: 200,
    timer: 100,
    why: 'the events came 4.3 s after the start, before the second reminder: without delay two reminders take 4.1 s',
  },
  'forgottenWait-remindedOne': {
    start: 200,
    timer: 100,
    why: 'the first event came 4.3 s after the start, before the second reminder: without delay two reminders take 4.1 s',
  },
  'lock-contention': {
    ...AT_ONCE,
    overtaken: ['lock-contention-2'],
    why: 'the signal that followed the start at once was done before what the instance asked of the same entity',
  },
};

/** @param {string} name of a scenario @returns {Timing} */
export const timingOf = (name) => FOUND_LATE[name] ?? AT_ONCE;
