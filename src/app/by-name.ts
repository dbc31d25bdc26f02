import { ResponderError } from '../domain/errors.js';

/**
 * The action with this name, or the playbook with this id.
 * @throws ResponderError `unknown-name` if this version of the responder has none.
 */
export function byName<T extends { readonly name: string } | { readonly id: string }>(
  all: readonly T[],
  name: string,
): T {
  const found = all.find((one) => ('id' in one ? one.id : one.name) === name);
  if (found) return found;
  throw new ResponderError({
    code: 'unknown-name',
    message: `This version of the responder has no action or playbook ${name}.`,
    fault: 'responder',
    retry: 'no',
    next: 'Handle this incident manually; another version of the responder started it.',
  });
}
