import type { IncidentHandling } from './handling.js';
import type { Process } from './process.js';
import { callWithRetries, type RetryPolicy } from './retry.js';

/** A proposal that is late is overtaken by its result; for that there is time. */
const POLICIES: Readonly<Record<'proposal' | 'result', RetryPolicy>> = {
  proposal: { attempts: 3, firstMs: 2_000, longestMs: 10_000, patienceMs: 30_000 },
  result: { attempts: 8, firstMs: 5_000, longestMs: 300_000 },
};

/**
 * Brings the one living comment on the incident up to date. A comment that cannot be written is noted in the case
 * file and stops nothing.
 */
export function* updateComment(handling: IncidentHandling, moment: 'proposal' | 'result'): Process<void> {
  const { waiting, record, ref } = handling;
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
    changes: { comment: { id: written.value.id, revision } },
  });
}
