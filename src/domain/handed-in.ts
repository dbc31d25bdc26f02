/** Who handed an incident in: what a door can prove of it. */
import { z } from 'zod';

export const doorSchema = z.enum(['service-bus', 'event-grid', 'http']);

export const handedInSchema = z.object({
  door: doorSchema,
  /** Who signed the call. Absent: nobody did; a key or the right to send says nothing of who used it. */
  by: z.object({ kind: z.enum(['person', 'program']), id: z.string(), name: z.string() }).optional(),
});
export type HandedIn = z.infer<typeof handedInSchema>;

export const DOORS = { 'service-bus': 'Service Bus', 'event-grid': 'Event Grid', http: 'HTTP' } as const;

/** `Robin Keller (HTTP)`, `unknown (HTTP)`. */
export function handedInBy({ door, by }: HandedIn): string {
  return `${by?.name ?? 'unknown'} (${DOORS[door]})`;
}

/** Whether a person may have handed it in of whom nobody knows: queues and topics are fed by programs, unattended. */
export function isUnsigned({ door, by }: HandedIn): boolean {
  return door === 'http' && by === undefined;
}
