// The recordings come from storage queues that count whole seconds, so that timers fired up to a second early; what an
// orchestration sees next may depend on it. This clock rounds down in the same way.
import { wallClock } from '#host';

const SECOND = 1000;

export function queueClock() {
  const clock = wallClock();
  return {
    kind: clock.kind,
    now: () => clock.now(),
    at: (dueAt, fire) => {
      const now = clock.now();
      return clock.at(now + Math.floor((dueAt - now - 1) / SECOND) * SECOND, fire);
    },
    hold: (reason) => clock.hold(reason),
    onJump: (listener) => clock.onJump(listener),
  };
}
