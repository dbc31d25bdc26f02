/** Reverts that the responder disabled or enabled a user, if the audit log shows that it made the last change. */
import type { ActionContext, RunResult, UndoSkipped } from '../../define.js';
import { undoChange } from '../audits/undo-change.js';
import { readUser } from '../users/users.js';
import { readAccountChanges } from './account-changes.js';
import { type AccountStateOutput, enabledText, isEnabled, sendEnabled } from './account-state.js';

/** Reverts a change to `enabled` by this incident or by those whose outputs are in `others`. */
export function undoAccountState(
  enabled: boolean,
  output: AccountStateOutput,
  ctx: ActionContext,
  others: readonly AccountStateOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const { objectId, upn } = output;
  return undoChange({
    subject: `${upn} (${objectId})`,
    object: 'the user',
    read: async () => isEnabled(await readUser(objectId, ctx)),
    isInForce: (now) => now === enabled,
    words: enabledText,
    outputs: [output, ...others],
    changes: (since) => readAccountChanges(objectId, since, ctx),
    fits: ({ what }) => what !== enabledText(!enabled),
    send: () => sendEnabled(!enabled, objectId, ctx),
  });
}
