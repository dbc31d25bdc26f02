import type { EntityContext } from 'durable-functions';
import { caseUpdateSchema } from '../domain/case-file-updates.js';
import { caseNoteSchema, withCaseNote } from '../domain/case-note.js';
import {
  type CaseRecord,
  type Recorded,
  recordForgery,
  recordUpdate,
  runOfCaseKey,
} from '../domain/case-record.js';
import {
  type RefusedDecision,
  refusedDecisionSchema,
  withRefusedDecision,
} from '../domain/refused-decisions.js';
import type { OpenedMessage, Sealer } from '../domain/sealed.js';
import { CASE_OPERATION, NOTE_OPERATION } from '../orchestrator/index.js';
import { clock } from './clock.js';

/** The operation for refused decisions. It can only add to the audit of an existing case file. */
export const REFUSED_DECISION_OPERATION = 'recordRefusedDecision';

const PURPOSES: Readonly<Record<string, keyof typeof CONTENTS>> = {
  [CASE_OPERATION]: 'case-update',
  [REFUSED_DECISION_OPERATION]: 'refused-decision',
  [NOTE_OPERATION]: 'reliance',
};
const CONTENTS = {
  'case-update': caseUpdateSchema,
  'refused-decision': refusedDecisionSchema,
  reliance: caseNoteSchema,
} as const;

/**
 * The case file of one run. It accepts sealed messages only: updates from its orchestration, refused decisions from
 * the channels, and notes from other incidents about an effect that both rely on.
 * Any other message is stored and logged as an alarm, and changes nothing else.
 */
export function caseEntity(open: Sealer['open']): (context: EntityContext<CaseRecord>) => void {
  return (context) => receive(context, open);
}

function receive(context: EntityContext<CaseRecord>, open: Sealer['open']): void {
  const { df } = context;
  const run = runOfCaseKey(df.entityKey);
  const purpose = PURPOSES[df.operationName ?? ''];
  const before = df.getState();
  const at = new Date(clock.now()).toISOString();
  const opened =
    run === undefined || purpose === undefined
      ? undefined
      : open(df.getInput<unknown>(), { purpose, ...run });
  const { record, alarm } = opened?.ok ? take(context, before, opened, at) : recordForgery(before, at);
  if (alarm !== undefined) {
    const what = opened?.ok === false ? opened.code : (df.operationName ?? 'no operation');
    context.error(`Alarm ${alarm} at the case file ${df.entityKey}: ${JSON.stringify(what)}.`);
  }
  if (record !== undefined && record !== before) df.setState(record);
}

type Opened = Extract<OpenedMessage, { ok: true }>;

/** Applies a sealed message. Content from another app version may not be valid: it is logged and ignored. */
function take(
  context: EntityContext<CaseRecord>,
  before: CaseRecord | undefined,
  { purpose, content, mac, ...run }: Opened,
  at: string,
): Recorded {
  const parsed = CONTENTS[purpose as keyof typeof CONTENTS].safeParse(content);
  if (!parsed.success) {
    context.error(`A sealed message (${purpose}) is not valid: ${parsed.error.issues[0]?.message}`);
    return { record: before };
  }
  if ('text' in parsed.data) return { record: before && withCaseNote(before, parsed.data) };
  if ('sequence' in parsed.data) return recordUpdate(before, run, parsed.data, mac, at);
  return { record: before && withRefusal(before, parsed.data) };
}

function withRefusal(record: CaseRecord, refusal: RefusedDecision): CaseRecord {
  const { file } = record;
  if (!file.approvals.some(({ id }) => id === refusal.requestId)) return record;
  return {
    ...record,
    file: { ...file, refusedDecisions: withRefusedDecision(file.refusedDecisions, refusal) },
  };
}
