import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import { type DefenderProperties, defenderIncidents } from './incidents/incidents.js';

/** The determinations of each classification. https://learn.microsoft.com/defender-xdr/api-update-incidents */
const DETERMINATIONS = {
  truePositive: [
    ...(['multiStagedAttack', 'maliciousUserActivity', 'compromisedAccount', 'malware'] as const),
    ...(['phishing', 'unwantedSoftware', 'other'] as const),
  ],
  informationalExpectedActivity: [
    ...(['securityTesting', 'lineOfBusinessApplication', 'confirmedUserActivity', 'other'] as const),
  ],
  falsePositive: ['notMalicious', 'notEnoughDataToValidate', 'other'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
const DETERMINATION = [
  ...DETERMINATIONS.truePositive,
  ...(['securityTesting', 'lineOfBusinessApplication', 'confirmedUserActivity'] as const),
  ...(['notMalicious', 'notEnoughDataToValidate'] as const),
] as const;

const settings = z
  .strictObject({
    classification: z.enum(['truePositive', 'informationalExpectedActivity', 'falsePositive']),
    determination: z.enum(DETERMINATION).describe('Must fit the classification'),
  })
  .refine(
    ({ classification, determination }) => {
      const fitting: readonly string[] = DETERMINATIONS[classification];
      return fitting.includes(determination);
    },
    { path: ['determination'], error: 'the determination does not fit the classification' },
  );
type Chosen = z.infer<typeof settings>;

const text = z.string().nullable();
const decided = { classification: text, determination: text };
const value = z.strictObject({ ...decided, status: z.string() });

/** Resolves the incident in Defender with a classification. */
export default incidentFieldAction(
  defenderIncidents,
  {
    value,
    get: closingOf,
    // Active or in progress: another writer may set that.
    seen: {
      schema: z.strictObject({ ...decided, isResolved: z.boolean() }),
      of: ({ status, ...rest }) => ({ ...rest, isResolved: status === 'resolved' }),
    },
    isSet: (now, { classification, determination }: Chosen) =>
      now.status === 'resolved' &&
      now.classification === classification &&
      now.determination === determination,
    set: (_properties, { classification, determination }) => ({
      status: 'resolved',
      classification,
      determination,
    }),
    restore: (_properties, { status, classification, determination }) => ({
      status,
      classification,
      determination,
    }),
    words: ({ status, classification, determination }) =>
      `the status ${status}${classification === null ? '' : `, ${classification} (${determination ?? 'undetermined'})`}`,
  },
  {
    name: 'xdr.resolve-incident',
    title: 'Resolve the incident in Defender',
    risk: 'reversible',
    impact:
      'The incident leaves the queue, and Defender resolves its alerts. What the responder still confirms or can undo goes on.',
    undo: 'Sets the former status and classification again, if they are still those that the responder set. Alerts stay resolved.',
    settings: {
      schema: settings,
      title: ({ classification, determination }) =>
        `Resolve the incident as ${classification} (${determination})`,
      changes: ({ classification, determination: reason }) => ({
        field: 'status',
        to: 'closed',
        classification,
        reason,
      }),
    },
  },
);

function closingOf({ status, classification, determination }: DefenderProperties): z.infer<typeof value> {
  return { status, classification: classification ?? null, determination: determination ?? null };
}
