/** The used parts of Bot Connector activities. A client or its user controls all of this content. */
import { z } from 'zod';
import { wellFormed } from '../../domain/unicode-text.js';
import { CARD_VERBS } from '../../views/card/index.js';

const short = z.string().max(500).transform(wellFormed);

/** The fields that the token check needs. */
export const claimedSchema = z.object({ type: short, channelId: short, serviceUrl: short });

const channelData = z.object({
  tenant: z.object({ id: short }),
  team: z.object({ id: short }).optional(),
  channel: z.object({ id: short }).optional(),
});

/** `installationUpdate` and `conversationUpdate`. */
export const updateSchema = z.object({
  type: z.enum(['installationUpdate', 'conversationUpdate']),
  action: short.optional(),
  serviceUrl: short,
  recipient: z.object({ id: short }),
  channelData,
});

/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards */
export const clickSchema = z.object({
  type: z.literal('invoke'),
  name: z.literal('adaptiveCard/action'),
  id: short,
  timestamp: short,
  serviceUrl: short,
  /** The card that was clicked. */
  replyToId: short,
  from: z.object({ id: short, name: short.default(''), aadObjectId: short.optional() }),
  recipient: z.object({ id: short }),
  conversation: z.object({ id: short, tenantId: short }),
  channelData: channelData.extend({ channel: z.object({ id: short }) }),
  value: z.object({
    action: z.object({
      type: z.literal('Action.Execute'),
      verb: z.enum(CARD_VERBS),
      data: z.object({
        v: z.literal(1),
        rid: z.string().max(200),
        rev: z.number().int().positive(),
        tok: z.string().max(200),
        selection: z.string().max(5_000).transform(wellFormed).default(''),
        reason: z.string().max(2_000).transform(wellFormed).default(''),
      }),
    }),
  }),
});
export type Click = z.infer<typeof clickSchema>;

/** The answer to a click. The HTTP status is 200 in all cases. */
export type ClickAnswer =
  | {
      readonly statusCode: 200;
      readonly type: 'application/vnd.microsoft.card.adaptive';
      readonly value: object;
    }
  | {
      readonly statusCode: 200;
      readonly type: 'application/vnd.microsoft.activity.message';
      readonly value: string;
    };

export function cardAnswer(value: object): ClickAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value };
}
export function textAnswer(value: string): ClickAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value };
}
