import { z } from 'zod';
import { ResponderError } from '../domain/errors.js';

/** A list as the services answer it. `@odata.nextLink` says that there is more. */
export function listOf<T>(item: z.ZodType<T>) {
  return z.looseObject({ value: z.array(item), '@odata.nextLink': z.string().nullish() });
}

/**
 * All items, where the answer holds all of them. One that is missing may be the second record of a name, or the
 * release that came last: nothing is decided on a part.
 * @param where it was asked for, for people: `Defender for Endpoint`.
 * @throws ResponderError `incomplete-answer`.
 */
export function wholeList<T>(
  list: { readonly value: readonly T[]; readonly '@odata.nextLink'?: string | null | undefined },
  where: string,
): readonly T[] {
  if (!list['@odata.nextLink']) return list.value;
  throw new ResponderError({
    code: 'incomplete-answer',
    message: `${where} has more to say than it answered; a part of it is not acted on.`,
    blame: 'service',
    retry: 'no',
    next: 'Look in the portal of the service, and act by hand.',
  });
}
