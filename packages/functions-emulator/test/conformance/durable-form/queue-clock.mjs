// The recordings come from storage queues that count whole seconds, so that timers fired up to a second early; what an
// orchestration sees next may depend on it. This clock rounds down in the same way. The queues were polled, too, every
// fifth of a second: `lateMs` is how late the message of a timer is found.

const SECOND = 1000;

/** @param {import('functions-emulator').Clock} clock */
export function queueClock(clock, lateMs) {
  return {
    kind: clock.kind,
    now: () => clock.now(),
    at: (dueAt, fire) => {
      const now = clock.now();
      // In virtual time a timer of a second is exactly that: what is shorter is an activity that takes its time.
      if (clock.kind === 'virtual' && dueAt - now < SECOND) return clock.at(dueAt, fire);
      const early = now + Math.floor((dueAt - now - 1) / SECOND) * SECOND;
      return clock.at(Math.min(early + lateMs, Math.max(dueAt, early)), fire);
    },
    hold: (reason) => clock.hold(reason),
    onJump: (listener) => clock.onJump(listener),
  };
}
