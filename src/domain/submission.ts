/** Who submitted an incident, as far as the trigger can authenticate the submitter. */
import { z } from 'zod';

export const intakeTriggerSchema = z.enum(['service-bus', 'event-grid', 'http', 'sweep']);

export const submissionSchema = z.object({
  trigger: intakeTriggerSchema,
  /** The authenticated submitter. Absent: unknown, because a function key or a send permission identifies no one. */
  by: z.object({ kind: z.enum(['person', 'program']), id: z.string(), name: z.string() }).optional(),
});
export type Submission = z.infer<typeof submissionSchema>;

export const TRIGGER_NAMES = {
  'service-bus': 'Service Bus',
  'event-grid': 'Event Grid',
  http: 'HTTP',
  sweep: 'the reconciliation sweep',
} as const;

/** `Robin Keller (HTTP)`, `unknown (HTTP)`. */
export function describeSubmitter({ trigger, by }: Submission): string {
  return `${by?.name ?? 'unknown'} (${TRIGGER_NAMES[trigger]})`;
}

/** True if an unknown person may be the submitter. The others do not count: programs feed them. */
export function isUnsigned({ trigger, by }: Submission): boolean {
  return trigger === 'http' && by === undefined;
}
