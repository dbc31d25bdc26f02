import { z } from 'zod';
import { ResponderError } from '../domain/errors.js';

/** A list as the services return it. `@odata.nextLink` means that there is more. */
export function odataListSchema<T>(item: z.ZodType<T>) {
  return z.looseObject({ value: z.array(item), '@odata.nextLink': z.string().nullish() });
}

/**
 * All items of a complete list. A missing item may be the second record with a name, or the latest release: no decision is
 * based on a part.
 * @param where the service, for people: `Defender for Endpoint`.
 * @throws ResponderError `incomplete-answer`.
 */
export function completeList<T>(
  list: { readonly value: readonly T[]; readonly '@odata.nextLink'?: string | null | undefined },
  where: string,
): readonly T[] {
  if (!list['@odata.nextLink']) return list.value;
  throw new ResponderError({
    code: 'incomplete-answer',
    message: `${where} returned an incomplete list; the responder does not act on a part of it.`,
    fault: 'service',
    retry: 'no',
    next: 'Check in the portal of the service, and act by hand.',
  });
}
