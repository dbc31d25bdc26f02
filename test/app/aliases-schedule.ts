/** What may happen to one incident that Sentinel and Defender both have, and the bodies by which it is submitted. */
import fc from 'fast-check';
import { instanceIdOf } from '../../src/intake/index.js';
import { graphBody, TENANT_ID } from './defender-incidents.js';
import { alertRow, CUSTOMER, graphAlert, triggerBody } from './lone-alerts.js';
import { type Analyst, readEvent, START } from './responder.js';

export const MINUTE = 60_000;
/** Sentinel's event, the same without what it says of Defender, a row of its log, Defender's incident, alerts of both. */
const FORMS = ['event', 'silent', 'row', 'graph', 'alert-trigger', 'alert-row', 'graph-alert'] as const;
export type Form = (typeof FORMS)[number];
/** What is missing at first, until it appears: a copy, or Sentinel's word that Defender has the incident. */
const MISSING = ['nothing', 'sentinel', 'defender', 'link'] as const;
export type Missing = (typeof MISSING)[number];
export type Person = Extract<Analyst, 'Local analyst' | 'Robin Keller'>;

export type Command =
  | { readonly do: 'deliver'; readonly form: Form; readonly event: number; readonly by?: Person | undefined }
  | { readonly do: 'approve'; readonly which: number; readonly by: Person }
  | { readonly do: 'appear' | 'grow' | 'lose-sentinel' | 'lose-defender' | 'merge' | 'restart' }
  | { readonly do: 'crash'; readonly commits: number };
export interface Timed {
  /** Minutes after the start. */
  readonly at: number;
  readonly command: Command;
}
export interface Schedule {
  readonly missing: Missing;
  /** The sweep finds the incident in Sentinel. */
  readonly isSwept: boolean;
  readonly commands: readonly Timed[];
}

const person = fc.constantFrom<Person>('Local analyst', 'Robin Keller');
const happens = (
  what: Extract<Command, { do: 'appear' | 'grow' | 'merge' | 'restart' | `lose-${string}` }>['do'],
) => fc.constant<Command>({ do: what });
const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      form: fc.constantFrom(...FORMS),
      event: fc.integer({ min: 0, max: 3 }),
      by: fc.option(person, { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('approve' as const), which: fc.nat(3), by: person }),
  },
  { weight: 3, arbitrary: happens('appear') },
  { weight: 2, arbitrary: happens('grow') },
  { weight: 1, arbitrary: happens('lose-sentinel') },
  { weight: 1, arbitrary: happens('lose-defender') },
  { weight: 1, arbitrary: happens('merge') },
  { weight: 1, arbitrary: happens('restart') },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('crash' as const), commits: fc.integer({ min: 1, max: 12 }) }),
  },
);
export const schedule: fc.Arbitrary<Schedule> = fc.record({
  missing: fc.constantFrom(...MISSING),
  isSwept: fc.boolean(),
  commands: fc
    .array(fc.record({ at: fc.integer({ min: 1, max: 110 }), command }), { minLength: 5, maxLength: 14 })
    .map((all) => [...all].sort((a, b) => a.at - b.at)),
});

export const ID = '2417';
export const TARGET = '902';
export const EVENT = readEvent();
export const IN_SENTINEL = instanceIdOf(String((EVENT.object as { id: string }).id).toLowerCase());
export const IN_DEFENDER = instanceIdOf(`xdr:${TENANT_ID}/${ID}`);
export const OF_TARGET = instanceIdOf(`xdr:${TENANT_ID}/${TARGET}`);
const NAME = (EVENT.object as { name: string }).name;
const ALERT = '00000000-0000-4000-8000-00000000b001';
export const isOfDefender = (form: Form) => form === 'graph' || form === 'graph-alert';

/** The body of a delivery. */
export function bodyOf(form: Form, event: number): unknown {
  switch (form) {
    case 'event':
    case 'silent': {
      const { properties, ...object } = EVENT.object as { properties: object };
      return {
        ...EVENT,
        eventUniqueId: `event-${event}`,
        object: form === 'event' ? { ...object, properties } : object,
      };
    }
    case 'row':
      return { TenantId: CUSTOMER, IncidentName: NAME, Title: 'Ransomware', Comments: `[${event}]` };
    case 'graph':
      return graphBody(ID, { lastUpdateDateTime: new Date(START + event * MINUTE).toISOString() });
    case 'alert-trigger':
      return triggerBody(ALERT, { AlertDisplayName: `Alert ${event}` });
    case 'alert-row':
      return alertRow(ALERT, { AlertName: `Alert ${event}` });
    case 'graph-alert':
      return graphAlert(`da${ID}_1`, { title: `Alert ${event}` });
  }
}
