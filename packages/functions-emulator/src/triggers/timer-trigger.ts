/** Timer triggers on the host's clock. https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer */

import type { Log } from '../log.js';
import { resolveSettings } from '../setting-references.js';
import { parseTimeSpan } from '../time-span.js';
import type { Clock } from '../types.js';
import type { FunctionDefinition, TypedData } from '../worker/worker-types.js';
import type { FunctionInvoker } from './function-invoker.js';
import { constantSchedule, parseNcrontab, type Schedule } from './ncrontab.js';
import type { TimerStatus, TimerStore } from './timer-status.js';

const never = '0001-01-01T00:00:00+00:00';
/** A schedule with a shorter interval is not monitored. */
const shortestMonitoredMs = 60_000;

/** The schedule with its %SETTING% resolved, or the real host's error message. */
export function parseSchedule(
  text: string,
  environment: Readonly<Record<string, string>>,
): Schedule | string {
  const resolved = resolveSettings(text, environment);
  if ('problem' in resolved) return `Microsoft.Azure.WebJobs.Host: ${resolved.problem}`;
  const expression = resolved.text;
  const cron = parseNcrontab(expression);
  if (cron) return cron;
  const span = parseTimeSpan(expression);
  if (span !== undefined && span > 0) return constantSchedule(span);
  return `Microsoft.Azure.WebJobs.Extensions: The schedule expression '${expression}' was not recognized as a valid cron expression or timespan string.`;
}

export interface TimerTriggerOptions {
  readonly functions: readonly FunctionDefinition[];
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly invoker: FunctionInvoker;
  readonly store: TimerStore;
  readonly log: Log;
}

interface Timer {
  readonly definition: FunctionDefinition;
  readonly schedule: Schedule;
  readonly monitored: boolean;
  cancel: () => void;
}

/** The timer triggers; a run that takes longer than its period is not overlapped. */
export class TimerTriggers {
  readonly #timers = new Map<string, Timer>();
  #stopped = false;

  constructor(private readonly options: TimerTriggerOptions) {
    for (const definition of options.functions) {
      const schedule = parseSchedule(String(definition.trigger.schedule ?? ''), options.environment);
      if (typeof schedule === 'string') continue;
      const monitored =
        definition.trigger.useMonitor !== false && isMonitorable(schedule, options.clock.now());
      this.#timers.set(definition.name, { definition, schedule, monitored, cancel: () => {} });
    }
  }

  start(): void {
    const { clock, store, log } = this.options;
    for (const timer of this.#timers.values()) {
      const { definition, schedule } = timer;
      const now = clock.now();
      let pastDue = false;
      if (timer.monitored) {
        const known = store.load(definition.name);
        const basis = known && Date.parse(known.last === never ? known.lastUpdated : known.last);
        pastDue = basis !== undefined && schedule.next(basis) < now;
        if (!known)
          store.save(definition.name, {
            last: never,
            next: timestampOf(schedule.next(now)),
            lastUpdated: timestampOf(now),
          });
      }
      if (pastDue)
        log(
          'information',
          'Host.Triggers.Timer',
          `Function '${definition.name}' is past due on startup. Executing now.`,
        );
      if (pastDue || definition.trigger.runOnStartup === true) void this.#run(timer, now, pastDue);
      else this.#arm(timer);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** What a call through the admin API hands to the function. A timer that is switched off has no status. */
  data(definition: FunctionDefinition, isPastDue = false): TypedData {
    const timer = this.#timers.get(definition.name);
    const status = timer?.monitored ? this.options.store.load(definition.name) : undefined;
    return {
      json: JSON.stringify({
        Schedule: { AdjustForDST: timer === undefined || timer.schedule.kind === 'cron' },
        ScheduleStatus: status
          ? { Last: status.last, Next: status.next, LastUpdated: status.lastUpdated }
          : null,
        IsPastDue: isPastDue,
      }),
    };
  }

  #arm(timer: Timer): void {
    if (this.#stopped) return;
    const due = timer.schedule.next(this.options.clock.now());
    if (Number.isFinite(due))
      timer.cancel = this.options.clock.at(due, () => void this.#run(timer, due, false));
  }

  async #run(timer: Timer, due: number, isPastDue: boolean): Promise<void> {
    const { clock, invoker, store } = this.options;
    await invoker.invoke({ definition: timer.definition, data: this.data(timer.definition, isPastDue) });
    if (this.#stopped) return;
    if (timer.monitored) {
      const now = clock.now();
      const status: TimerStatus = {
        last: timestampOf(due),
        next: timestampOf(timer.schedule.next(now)),
        lastUpdated: timestampOf(now),
      };
      store.save(timer.definition.name, status);
    }
    this.#arm(timer);
  }
}

function isMonitorable(schedule: Schedule, now: number): boolean {
  let at = schedule.next(now);
  for (let i = 0; i < 5; i++) {
    const next = schedule.next(at);
    if (next - at < shortestMonitoredMs) return false;
    at = next;
  }
  return true;
}

const timestampOf = (ms: number): string =>
  Number.isFinite(ms) ? new Date(ms).toISOString().replace('Z', '+00:00') : never;
