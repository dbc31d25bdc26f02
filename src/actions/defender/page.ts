import { z } from 'zod';
import { ResponderError } from '../../domain/errors.js';

/** A list as Defender answers it. `@odata.nextLink` says that there is more. */
export function listOf<T>(item: z.ZodType<T>) {
  return z.looseObject({ value: z.array(item), '@odata.nextLink': z.string().nullish() });
}

/**
 * All items, where the answer holds all of them. One that is missing may be the second machine of a name, or the
 * release that came last: nothing is decided on a part.
 * @throws ResponderError `incomplete-answer`.
 */
export function wholeList<T>(list: {
  readonly value: readonly T[];
  readonly '@odata.nextLink'?: string | null | undefined;
}): readonly T[] {
  if (!list['@odata.nextLink']) return list.value;
  throw new ResponderError({
    code: 'incomplete-answer',
    message: 'Defender for Endpoint has more to say than it answered; a part of it is not acted on.',
    blame: 'service',
    retry: 'no',
    next: 'Look at the device in the Defender portal, and act by hand.',
  });
}
