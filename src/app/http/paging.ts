/** Cursor paging: a page starts after the last entry of the previous page. */

import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { json, type Problem } from '../problem.js';
import { services } from '../services.js';
import type { QueueEntry } from './approval-schemas.js';
import { decryptCursor, encryptCursor } from './cursor-cipher.js';

const DEFAULT_LIMIT = 50;
const querySchema = z.object({
  state: z.enum(['waiting', 'decided']).default('waiting'),
  limit: z.coerce.number().int().min(1).max(200).default(DEFAULT_LIMIT),
  cursor: z.string().max(4000).optional(),
});
const cursorSchema = z.tuple([z.string(), z.string()]);
/** The continuation token of the host is sent back in a header, so only header-safe characters are valid. */
const placeSchema = z.tuple([z.string().regex(/^[\x20-\x7e]{0,2000}$/), z.number().int().min(0).max(100)]);
type Position = Pick<QueueEntry, 'expiresAt' | 'id'>;

/** The start of a page of instances: the host's continuation token, and the number of instances to skip on that page. */
export interface Place {
  readonly continuation: string | undefined;
  readonly skip: number;
}

export type Paging =
  | {
      readonly ok: true;
      readonly state: 'waiting';
      readonly limit: number;
      /** The last entry that the caller has seen. */
      readonly after: Position | undefined;
    }
  | { readonly ok: true; readonly state: 'decided'; readonly from: Place }
  | { readonly ok: false; readonly problem: Problem };

export function readPaging(query: URLSearchParams): Paging {
  const parsed = querySchema.safeParse(Object.fromEntries(query));
  if (!parsed.success) return refused(parsed.error.issues[0]);
  const { state, limit, cursor } = parsed.data;
  if (state === 'decided') {
    const from = placeOf(cursor);
    return from
      ? { ok: true, state, from }
      : refused({ path: ['cursor'], message: 'it is not a valid cursor' });
  }
  if (cursor === undefined) return { ok: true, state, limit, after: undefined };
  const after = positionOf(cursor);
  return after
    ? { ok: true, state, limit, after }
    : refused({ path: ['cursor'], message: 'it is not a valid cursor' });
}

/** At most `limit` entries after `after`, and the last of them if there is another page. */
export function pageOf<T extends Position>(
  entries: readonly T[],
  { limit, after }: { readonly limit: number; readonly after: Position | undefined },
): { readonly items: readonly T[]; readonly next: T | undefined } {
  const rest = after === undefined ? entries : entries.filter((entry) => isBehind(entry, after));
  const items = rest.slice(0, limit);
  return { items, next: rest.length > limit ? items.at(-1) : undefined };
}

export function cursorOf({ expiresAt, id }: Position): string {
  return Buffer.from(JSON.stringify([expiresAt, id])).toString('base64url');
}

export function cursorOfPlace({ continuation = '', skip }: Place): string {
  return encryptCursor(JSON.stringify([continuation, skip]), services().formSecret);
}

export const BAD_CURSOR: Problem = {
  status: 400,
  code: 'bad-query',
  detail: 'The cursor is not valid.',
  next: 'Use the path in `next` of the previous page unchanged.',
  place: 'cursor',
};

/** The place that a cursor encodes; the start without a cursor, undefined for an invalid one. */
export function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return { continuation: undefined, skip: 0 };
  try {
    const [continuation, skip] = placeSchema.parse(JSON.parse(decryptCursor(cursor, services().formSecret)));
    return { continuation: continuation || undefined, skip };
  } catch {
    return undefined;
  }
}

/** A page with the path of the next one. */
export function pageAnswer(page: object, next: string | undefined): HttpResponseInit {
  if (next === undefined) return json(page);
  return json({ ...page, next }, 200, { link: `<${next}>; rel="next"` });
}

function positionOf(cursor: string): Position | undefined {
  try {
    const [expiresAt, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { expiresAt, id };
  } catch {
    return undefined;
  }
}

function isBehind(entry: Position, after: Position): boolean {
  return entry.expiresAt === after.expiresAt ? entry.id > after.id : entry.expiresAt > after.expiresAt;
}

function refused(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): Paging {
  const place = issue?.path.join('.') ?? '';
  return {
    ok: false,
    problem: {
      status: 400,
      code: 'bad-query',
      detail: `The query is not valid: ${place}: ${issue?.message ?? ''}.`,
      next: 'Use state=waiting or state=decided, limit from 1 to 200, and the cursor of the previous page.',
      place,
    },
  };
}
