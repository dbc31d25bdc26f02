// How late the real host's queues were read. They were polled five times a second, so starts and timers were found up to
// 200 ms late; the recordings do not say by how much. It matters only where an event and a timer are that close. Each
// such scenario stands here, with what its recording shows; all others are played without any delay.

/** In milliseconds. @typedef {{start: number, timer: number, why?: string}} Timing */

/** @type {Timing} */
const AT_ONCE = { start: 0, timer: 0 };

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
};

/** @param {string} name of a scenario @returns {Timing} */
export const timingOf = (name) => FOUND_LATE[name] ?? AT_ONCE;
