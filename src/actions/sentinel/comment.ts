import { z } from 'zod';
import { type ApiPath, armId, path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import { type ActionContext, defineResponse, irreversible } from '../define.js';
import { sha256Hex, uuidOf } from '../hash.js';
import { sentinelOf } from '../incident-workspace.js';
import { readAfterUnknownOutcome } from '../unknown-outcome.js';

/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
const MAXIMUM_CHARACTERS = 30_000;
const API_VERSION = '2025-09-01';
/** A fixed namespace for the name-based UUIDs of comments. */
const NAMESPACE = '6f1c1c3e-5a0b-4f0e-9d55-0a6f5a1f7c21';

const commentSchema = z.looseObject({
  etag: z.string().nullish(),
  properties: z.looseObject({ message: z.string() }),
});
const inputSchema = z.object({
  slot: z
    .string()
    .min(1)
    .max(60)
    .describe('Which of the comments of the incident; each slot is one comment, rewritten in place'),
  message: z
    .string()
    .min(1)
    .max(MAXIMUM_CHARACTERS)
    .describe('HTML, made with the HTML builder, at most 30,000 characters'),
});

/** Writes one comment on the incident, or rewrites it in place: its id is derived from incident and slot. */
export default defineResponse({
  name: 'sentinel.comment',
  title: 'Comment on the incident',
  docs: 'https://learn.microsoft.com/rest/api/securityinsights/incident-comments/create-or-update',
  entity: 'incident',
  input: inputSchema,
  output: z.object({
    commentId: z.string(),
    contentHash: z.string().describe('SHA-256 of the message, white space aside'),
    created: z.boolean().describe('The comment did not exist before'),
  }),
  permissions: [
    { api: 'Azure RBAC', name: 'Microsoft Sentinel Responder', why: 'write comments on incidents' },
  ],
  quota: 'arm-writes',
  calls: 2,
  risk: 'safe',
  impact: 'Everybody who can read the incident can read the comment.',
  takesUpTo: '1m',
  idempotent: true,
  captures: [],
  async run({ slot, message }, ctx) {
    const commentId = await uuidOf(NAMESPACE, `${ctx.incident.key}|${slot}`);
    const where = commentPath(commentId, ctx);
    const contentHash = await hashOf(message);
    const before = await read(where, ctx);
    const output = { commentId, contentHash, created: before === undefined };
    if (before && (await hashOf(before.message)) === contentHash) {
      return { state: 'already-done', output, evidence: { commentId } };
    }
    const evidence = await write(where, message, before, ctx);
    return { state: 'requested', output, evidence: { commentId, ...evidence } };
  },
  async confirm(_input, { commentId, contentHash }, ctx) {
    const comment = await read(commentPath(commentId, ctx), ctx);
    if (comment === undefined)
      return { state: 'failed', reason: `Comment ${commentId} is not on the incident.` };
    if ((await hashOf(comment.message)) !== contentHash) {
      return { state: 'failed', reason: `Comment ${commentId} was read back with other content.` };
    }
    const proof = `Comment ${commentId} was read back with the content that was written.`;
    return { state: 'confirmed', proof, evidence: { commentId, contentHash } };
  },
  undo: irreversible('People may have read the comment; it is part of the record.'),
});

interface Comment {
  readonly message: string;
  readonly etag: string | undefined;
}

function commentPath(commentId: string, ctx: ActionContext): ApiPath {
  return path`${armId(sentinelOf(ctx).armId)}/comments/${commentId}?api-version=${API_VERSION}`;
}

async function read(where: ApiPath, { clients, signal }: ActionContext): Promise<Comment | undefined> {
  try {
    const { body, etag } = await clients.arm.get(where, commentSchema, { signal });
    return { message: body.properties.message, etag: body.etag ?? etag };
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}

/** Overwrites the version that was read. After a conflict or a lost response the comment is read once more. */
async function write(
  where: ApiPath,
  message: string,
  before: Comment | undefined,
  ctx: ActionContext,
): Promise<Record<string, string>> {
  try {
    return await put(where, message, before, ctx);
  } catch (error) {
    const now = await readAfterUnknownOutcome(error, () => read(where, ctx));
    if (now && (await hashOf(now.message)) === (await hashOf(message))) {
      return { answer: 'lost, the effect was read back' };
    }
    const code = error instanceof ResponderError ? error.info.code : '';
    if (code !== 'precondition-failed' && code !== 'conflict') throw error;
    return put(where, message, now, ctx);
  }
}

async function put(
  where: ApiPath,
  message: string,
  over: Comment | undefined,
  { clients, signal }: ActionContext,
): Promise<Record<string, string>> {
  const etag = over?.etag;
  const body = { ...(etag ? { etag } : {}), properties: { message } };
  const options = { signal, ...(etag ? { ifMatch: etag } : {}) };
  const { requestId } = await clients.arm.put(where, body, commentSchema, options);
  return requestId ? { requestId } : {};
}

function hashOf(message: string): Promise<string> {
  return sha256Hex(message.replace(/\s+/g, ' ').trim());
}
