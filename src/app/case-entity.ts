import type { EntityContext } from 'durable-functions';
import type { CaseFile } from '../domain/case-file.js';
import { applyCaseUpdate, caseUpdateSchema } from '../domain/case-file-updates.js';
import { CASE_OPERATION } from '../orchestrator/index.js';

/** The case file of one incident. Only its orchestration writes to it; a signal that it cannot read is logged and left out. */
export function caseEntity(context: EntityContext<CaseFile>): void {
  const { df } = context;
  if (df.operationName !== CASE_OPERATION) {
    context.warn(`The case file has no operation ${df.operationName ?? '(none)'}.`);
    return;
  }
  const update = caseUpdateSchema.safeParse(df.getInput<unknown>());
  if (!update.success) {
    context.error(`An update of the case file was not understood: ${update.error.issues[0]?.message ?? ''}`);
    return;
  }
  const next = applyCaseUpdate(df.getState(), update.data);
  if (next !== undefined) df.setState(next);
}
