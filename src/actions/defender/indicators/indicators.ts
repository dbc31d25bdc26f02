/** Indicators of Defender for Endpoint. https://learn.microsoft.com/defender-endpoint/api/ti-indicator */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

export const indicatorInputSchema = z.object({
  type: z.enum(['FileSha256', 'FileSha1', 'IpAddress', 'DomainName', 'Url']),
  value: z.string().min(1).describe('A hash, an address, a domain or a URL, in its canonical form'),
});
export type IndicatorInput = z.infer<typeof indicatorInputSchema>;

export const indicatorSchema = z.looseObject({
  id: z.coerce.string().min(1),
  indicatorValue: z.string(),
  indicatorType: z.string(),
  action: z.string(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  /** Absent: it does not expire. */
  expirationTime: z.string().nullish(),
  createdBySource: z.string().nullish(),
  source: z.string().nullish(),
  createdBy: z.string().nullish(),
  /** Empty: all devices. */
  rbacGroupNames: z.array(z.string()).nullish(),
});
export type Indicator = z.infer<typeof indicatorSchema>;
const listSchema = odataListSchema(indicatorSchema);

/** The active indicators of this value and type: at most one, unless Defender keeps one for each device group. */
export async function readIndicators(
  { type, value }: IndicatorInput,
  ctx: ActionContext,
): Promise<Indicator[]> {
  const { signal } = ctx;
  const where = path`/api/indicators?$filter=${odata`indicatorValue eq ${value}`}`;
  const { body } = await ctx.clients.defender.get(where, listSchema, { signal });
  return completeList(body, 'Defender for Endpoint').filter(
    (one) =>
      one.indicatorType === type &&
      one.indicatorValue.toLowerCase() === value.toLowerCase() &&
      (!one.expirationTime || Date.parse(one.expirationTime) > ctx.clock.now()),
  );
}

/** Whether it blocks on all devices, at least until then (ISO 8601). */
export function blocksUntil(
  { action, rbacGroupNames, expirationTime }: Indicator,
  type: string,
  until: string,
): boolean {
  // Defender still shows `AlertAndBlock` for indicators of that time.
  const blocking = type.startsWith('File')
    ? ['blockandremediate', 'alertandblock']
    : ['block', 'blockandremediate', 'alertandblock'];
  return (
    blocking.includes(action.toLowerCase()) &&
    (rbacGroupNames ?? []).length === 0 &&
    (!expirationTime || Date.parse(expirationTime) >= Date.parse(until))
  );
}

/** `indicator 995 (Allowed, for the device groups a, b, until …), created by lee@contoso.com` */
export function describeIndicator({ id, action, rbacGroupNames, expirationTime, ...by }: Indicator): string {
  const groups =
    (rbacGroupNames ?? []).length === 0
      ? ''
      : `, for the device groups ${rbacGroupNames?.map(visible).join(', ')}`;
  const until = expirationTime ? `, until ${visible(expirationTime)}` : ', without an end';
  const creator = by.createdBySource ?? by.source ?? by.createdBy ?? 'somebody';
  return `indicator ${visible(id)} (${visible(action)}${groups}${until}), created by ${visible(creator)}`;
}
