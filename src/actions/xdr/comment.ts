import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { type ActionContext, defineResponse, irreversible } from '../define.js';
import { sha256Hex } from '../hash.js';
import { readAfterUnknownOutcome } from '../unknown-outcome.js';

/** The length is not documented; Defender's portal takes 1,000 characters. The mark is part of them. */
const MAXIMUM_CHARACTERS = 900;

const commentSchema = z.looseObject({ comment: z.string().nullish() });
const incidentSchema = z.looseObject({ comments: z.array(commentSchema).nullish() });
const commentListSchema = z.looseObject({ value: z.array(commentSchema) });

const inputSchema = z.object({
  incidentId: z
    .string()
    .regex(/^[1-9]\d{0,19}$/)
    .describe("Defender's id of the incident"),
  message: z.string().min(1).max(MAXIMUM_CHARACTERS).describe('Plain text, at most 900 characters'),
});

/**
 * Adds a comment to the incident, once: Microsoft Graph can neither change nor remove comments, and gives them no ids. A mark
 * at the end of the text, derived from the incident and the text, shows whether it is there already.
 */
export default defineResponse({
  name: 'xdr.comment',
  title: 'Comment on the incident in Defender',
  docs: 'https://learn.microsoft.com/graph/api/security-incident-post-comments',
  entity: 'incident',
  input: inputSchema,
  output: z.object({ mark: z.string().describe('The last line of the comment') }),
  permissions: [
    {
      api: 'Microsoft Graph',
      name: 'SecurityIncident.ReadWrite.All',
      why: 'read and comment incidents of Defender',
    },
  ],
  quota: 'xdr-incidents',
  calls: 2,
  risk: 'safe',
  impact: 'Everybody who can read the incident can read the comment. It cannot be removed.',
  takesUpTo: '1m',
  // A second request adds the comment twice.
  idempotent: false,
  captures: [],
  async run(input, ctx) {
    const mark = await markOf(input);
    const output = { mark };
    if (await isThere(input, mark, ctx)) return { state: 'already-done', output, evidence: { mark } };
    const evidence = await add(input, mark, ctx);
    return { state: 'requested', output, evidence: { mark, ...evidence } };
  },
  async confirm(input, { mark }, ctx) {
    if (!(await isThere(input, mark, ctx))) {
      return { state: 'failed', reason: `The comment with the mark "${mark}" is not on the incident.` };
    }
    const proof = `The comment with the mark "${mark}" was read back.`;
    return { state: 'confirmed', proof, evidence: { mark } };
  },
  undo: irreversible('Microsoft Graph cannot remove a comment; it is part of the record.'),
});

type Input = z.infer<typeof inputSchema>;

async function markOf({ incidentId, message }: Input): Promise<string> {
  return `sentinel-responder ${(await sha256Hex(`${incidentId}|${message}`)).slice(0, 16)}`;
}

async function isThere(
  { incidentId }: Input,
  mark: string,
  { clients, signal }: ActionContext,
): Promise<boolean> {
  const called = path`/v1.0/security/incidents/${incidentId}`;
  const { body } = await clients.graph.get(called, incidentSchema, { signal });
  return (body.comments ?? []).some(({ comment }) => comment?.trimEnd().endsWith(mark) ?? false);
}

/** After a lost response the comments are read once more. A repeated call would add the comment twice. */
async function add(input: Input, mark: string, ctx: ActionContext): Promise<Record<string, string>> {
  const { clients, signal } = ctx;
  const called = path`/v1.0/security/incidents/${input.incidentId}/comments`;
  const comment = {
    '@odata.type': 'microsoft.graph.security.alertComment',
    comment: `${input.message}\n${mark}`,
  };
  try {
    const { requestId } = await clients.graph.post(called, comment, commentListSchema, { signal });
    return requestId ? { requestId } : {};
  } catch (error) {
    if (await readAfterUnknownOutcome(error, () => isThere(input, mark, ctx))) {
      return { answer: 'lost, the effect was read back' };
    }
    throw error;
  }
}
