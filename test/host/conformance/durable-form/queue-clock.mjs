// The recordings come from storage queues that count whole seconds, so that timers fired up to a second early; what an
// orchestration sees next may depend on it. This clock rounds down in the same way. The queues were polled, too, every
// fifth of a second: `lateMs` is how late the message of a timer is found.
import { wallClock } from '#host';

const SECOND = 1000;

export function queueClock(lateMs) {
  const clock = wallClock();
  return {
    kind: clock.kind,
    now: () => clock.now(),
    at: (dueAt, fire) => {
      const now = clock.now();
      const early = now + Math.floor((dueAt - now - 1) / SECOND) * SECOND;
      return clock.at(Math.min(early + lateMs, Math.max(dueAt, early)), fire);
    },
    hold: (reason) => clock.hold(reason),
    onJump: (listener) => clock.onJump(listener),
  };
}
