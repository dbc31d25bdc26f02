import { isoTime } from './durable.js';
import { callWithRetries, type RetryPolicy } from './retry.js';
import type { Process } from './scheduler.js';
import type { IncidentScope } from './scope.js';

/** A late proposal is outdated by the result; the result may take longer. */
const POLICIES: Readonly<Record<'proposal' | 'result', RetryPolicy>> = {
  proposal: { attempts: 3, firstMs: 2_000, longestMs: 10_000, patienceMs: 30_000 },
  result: { attempts: 8, firstMs: 5_000, longestMs: 300_000 },
};

/**
 * Writes or updates the responder's one comment on the incident. A failure is noted in the case file and does not
 * stop the handling.
 */
export function* updateComment(scope: IncidentScope, moment: 'proposal' | 'result'): Process<void> {
  const { waiting, record, ref } = scope;
  const input = { incident: ref, view: record.view() };
  const written = yield* callWithRetries(waiting, 'writeComment', input, POLICIES[moment]);
  if (!written.ok) {
    record.add({ text: `The comment on the incident could not be written: ${written.error.message}` });
    return;
  }
  const revision = (record.file.comment?.revision ?? 0) + 1;
  record.addToNext({
    text:
      revision === 1
        ? 'The comment on the incident was written.'
        : 'The comment on the incident was updated.',
    changes: { comment: { id: written.value.id, revision, at: isoTime(scope.ctx) } },
  });
}
