/** Requests of every action, from finding its record to the undo, and those of the app, as they are sent. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Enrichment, Response } from '../../../../src/actions/define.js';
import { confirmUndo, resolveTarget, runEnrichment, undoResponse } from '../../../../src/actions/run.js';
import { type Contoso, withContoso } from '../../contoso.js';
import { actNow, approve, queryOf, readBack, SETTLED_SECONDS } from '../act.js';
import { caseOf } from '../case.js';
import type { SentRequest } from './sent-request.js';

/** The rows of the HAR format that hold what was sent. */
const harSchema = z.object({
  log: z.object({
    entries: z.array(
      z.object({
        request: z.object({
          method: z.string(),
          url: z.string(),
          postData: z.object({ text: z.string() }).optional(),
        }),
      }),
    ),
  }),
});

export function requestsIn(file: string | URL): SentRequest[] {
  const { log } = harSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return log.entries.map(({ request: { method, url, postData } }) => {
    const text = postData?.text ?? '';
    return { method, url: new URL(url), body: text === '' ? undefined : JSON.parse(text) };
  });
}

/** What the clients send during `test`. */
export async function recorded(
  test: (contoso: Contoso, file: string) => Promise<void>,
): Promise<SentRequest[]> {
  const folder = mkdtempSync(join(tmpdir(), 'published-'));
  const file = join(folder, 'exchanges.har');
  try {
    await withContoso([], (contoso) => test(contoso, file), file);
    return requestsIn(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws Error if the action does not go its whole way. */
export function requestsOf(action: Enrichment | Response): Promise<SentRequest[]> {
  return recorded((contoso) =>
    action.kind === 'enrichment' ? enrich(action, contoso) : respond(action, contoso),
  );
}

async function enrich(action: Enrichment, contoso: Contoso): Promise<void> {
  const query = queryOf(action, caseOf(action));
  const result = await runEnrichment(action, query, contoso.context(action.name, 'target'));
  if (!result.ok) throw new Error(result.error.message);
}

async function respond(action: Response, contoso: Contoso): Promise<void> {
  const given = caseOf(action);
  if (given.prepare !== undefined) contoso.change(given.prepare);
  const approved = await approve(action, given, contoso);
  const { output } = await actNow(action, approved, contoso);
  contoso.clock.advance(SETTLED_SECONDS);
  await readBack(action, approved, output, contoso);
  const context = contoso.context(action.name, 'target');
  await undoResponse(action, approved.input, output, context);
  contoso.clock.advance(SETTLED_SECONDS);
  await confirmUndo(action, approved.input, output, context);
}

/** How a record is looked for by other identifiers than an action's case has. */
export function searchesOf(action: Response, queries: readonly object[]): Promise<SentRequest[]> {
  return recorded(async (contoso) => {
    for (const query of queries) await resolveTarget(action, query, contoso.context(action.name, 'target'));
  });
}
