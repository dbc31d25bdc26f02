import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import { documented, STATUSES, sentinelIncidents } from './incidents/incidents.js';

/** The reasons that fit each classification. https://learn.microsoft.com/rest/api/securityinsights/incidents/create-or-update */
const REASONS = {
  Undetermined: [],
  TruePositive: ['SuspiciousActivity'],
  BenignPositive: ['SuspiciousButExpected'],
  FalsePositive: ['IncorrectAlertLogic', 'InaccurateData'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
const REASON = [
  'SuspiciousActivity',
  'SuspiciousButExpected',
  'IncorrectAlertLogic',
  'InaccurateData',
] as const;

const settings = z
  .strictObject({
    classification: z.enum(['Undetermined', 'TruePositive', 'BenignPositive', 'FalsePositive']),
    reason: z
      .enum(REASON)
      .optional()
      .describe('Must fit the classification; required for each but Undetermined, which has none'),
    comment: z.string().trim().min(1).max(1_000).optional().describe('Why, for the record'),
  })
  .refine(
    ({ classification, reason }) => {
      const fitting: readonly string[] = REASONS[classification];
      return reason === undefined ? fitting.length === 0 : fitting.includes(reason);
    },
    { path: ['reason'], error: 'the reason does not fit the classification' },
  );
type Chosen = z.infer<typeof settings>;

const text = z.string().nullable();
const decided = { classification: text, reason: text, comment: text };
const value = z.strictObject({ ...decided, status: z.enum(STATUSES) });

/** Closes the incident with a classification. */
export default incidentFieldAction(
  sentinelIncidents,
  {
    value,
    get: closingOf,
    // New or Active: another step of the same plan may set that.
    seen: {
      schema: z.strictObject({ ...decided, isClosed: z.boolean() }),
      of: ({ status, ...rest }) => ({ ...rest, isClosed: status === 'Closed' }),
    },
    isSet: (now, { classification, reason, comment }: Chosen) =>
      now.status === 'Closed' &&
      now.classification === classification &&
      now.reason === (reason ?? null) &&
      (comment === undefined || now.comment === comment),
    set: (_properties, { classification, reason, comment }) => ({
      status: 'Closed',
      classification,
      classificationReason: reason,
      classificationComment: comment,
    }),
    restore: (_properties, { status, classification, reason, comment }) => ({
      status,
      classification,
      classificationReason: reason,
      classificationComment: comment,
    }),
    words: ({ status, classification, reason }) =>
      `the status ${status}${classification === null ? '' : `, ${asWords(classification, reason)}`}`,
  },
  {
    name: 'sentinel.close',
    title: 'Close the incident',
    risk: 'reversible',
    impact:
      'The incident leaves the queue. What the responder still confirms or can undo goes on; alerts that come later may not reopen it.',
    undo: 'Opens the incident again with its former status, if it is still closed as the responder closed it.',
    settings: {
      schema: settings,
      title: ({ classification, reason }) => `Close the incident as ${asWords(classification, reason)}`,
      changes: ({ classification, reason }) => ({
        field: 'status',
        to: 'closed',
        classification,
        ...(reason === undefined ? {} : { reason }),
      }),
    },
  },
);

function closingOf(properties: {
  readonly status: string;
  readonly classification?: string | null | undefined;
  readonly classificationReason?: string | null | undefined;
  readonly classificationComment?: string | null | undefined;
}): z.infer<typeof value> {
  return {
    status: documented(STATUSES, properties.status),
    classification: properties.classification ?? null,
    reason: properties.classificationReason ?? null,
    comment: properties.classificationComment ?? null,
  };
}

const asWords = (classification: string, reason: string | null | undefined): string =>
  reason == null ? classification : `${classification} (${reason})`;
