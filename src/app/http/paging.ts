/** Pages of a list that is in an order of its own: a page begins behind the last entry of the one before. */

import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { json, type Problem } from '../problem.js';
import type { QueueEntry } from './approval-schemas.js';

const DEFAULT_LIMIT = 50;
const querySchema = z.object({
  state: z.enum(['waiting', 'decided']).default('waiting'),
  limit: z.coerce.number().int().min(1).max(200).default(DEFAULT_LIMIT),
  cursor: z.string().max(4000).optional(),
});
const cursorSchema = z.tuple([z.string(), z.string()]);
/** What the host gives as its continuation goes into a header. */
const placeSchema = z.tuple([z.string().regex(/^[\x20-\x7e]{0,2000}$/), z.number().int().min(0).max(100)]);
type Position = Pick<QueueEntry, 'expiresAt' | 'id'>;

/** Where a page of instances begins: behind which page of the host, and behind how many instances of it. */
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
    return from ? { ok: true, state, from } : refused({ path: ['cursor'], message: 'it is not one of ours' });
  }
  if (cursor === undefined) return { ok: true, state, limit, after: undefined };
  const after = positionOf(cursor);
  return after
    ? { ok: true, state, limit, after }
    : refused({ path: ['cursor'], message: 'it is not one of ours' });
}

/** The entries behind `after`, at most `limit`, and where the next page begins. */
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
  return Buffer.from(JSON.stringify([continuation, skip])).toString('base64url');
}

/** Undefined for what is no cursor; without one, the beginning. */
export function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return { continuation: undefined, skip: 0 };
  try {
    const [continuation, skip] = placeSchema.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')),
    );
    return { continuation: continuation || undefined, skip };
  } catch {
    return undefined;
  }
}

/** A page, with where the next one is. */
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
      detail: `The query is not right: ${place}: ${issue?.message ?? ''}.`,
      next: 'Use state=waiting or state=decided, limit from 1 to 200, and the cursor of the page before.',
      place,
    },
  };
}
