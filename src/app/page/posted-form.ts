/** What the POSTs of all forms of the page have in common. */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { z } from 'zod';
import { readForm } from '../http/body.js';
import { FOREIGN } from '../http/guard.js';
import { noticePage } from './layout.js';

const MAXIMUM_FORM = 64 * 1024;

/** The fields by name, and the values of all fields `step` as `steps`. Undefined: the form is not valid. */
export async function enteredIn<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T | undefined> {
  const read = await readForm(request, MAXIMUM_FORM);
  if (!read.ok) return undefined;
  const { fields } = read;
  const names = [...fields.keys()].filter((name) => name !== 'step');
  // With a duplicate field, either value could be the intended one.
  if (new Set(names).size < names.length) return undefined;
  return schema.safeParse({ ...Object.fromEntries(fields), steps: fields.getAll('step') }).data;
}

export function invalidForm(): HttpResponseInit {
  return noticePage('Invalid form', 400, 'The form data is not valid.', 'Go back and try again.');
}

/** To a form that another site sent, or that was issued for something else. */
export function forbidden(): HttpResponseInit {
  return noticePage('Not allowed', 403, FOREIGN.detail, FOREIGN.next);
}
