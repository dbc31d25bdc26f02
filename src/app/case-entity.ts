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
import { type DoorRefusal, doorRefusalSchema, withDoorRefusal } from '../domain/door-refusals.js';
import type { OpenedMessage, Sealer } from '../domain/sealed.js';
import { CASE_OPERATION, NOTE_OPERATION } from '../orchestrator/index.js';
import { clock } from './clock.js';

/** What a door signals. It can add to the audit of a file that is there, and do nothing else. */
export const DOOR_REFUSAL_OPERATION = 'keepDoorRefusal';

const PURPOSES: Readonly<Record<string, keyof typeof CONTENTS>> = {
  [CASE_OPERATION]: 'case-update',
  [DOOR_REFUSAL_OPERATION]: 'door-refusal',
  [NOTE_OPERATION]: 'reliance',
};
const CONTENTS = {
  'case-update': caseUpdateSchema,
  'door-refusal': doorRefusalSchema,
  reliance: caseNoteSchema,
} as const;

/**
 * The case file of one run. Its orchestration alone writes to it, but for what doors refused and what other incidents
 * note about an effect that both rely on: all seal what they say.
 * Everything else that comes is an alarm, which is kept and logged, and changes nothing else.
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

/** What another version of the app has sealed may not be understood: it is logged, and will be missing. */
function take(
  context: EntityContext<CaseRecord>,
  before: CaseRecord | undefined,
  { purpose, content, mac, ...run }: Opened,
  at: string,
): Recorded {
  const parsed = CONTENTS[purpose as keyof typeof CONTENTS].safeParse(content);
  if (!parsed.success) {
    context.error(`Something sealed as ${purpose} was not understood: ${parsed.error.issues[0]?.message}`);
    return { record: before };
  }
  if ('text' in parsed.data) return { record: before && withCaseNote(before, parsed.data) };
  if ('sequence' in parsed.data) return recordUpdate(before, run, parsed.data, mac, at);
  return { record: before && withRefusal(before, parsed.data) };
}

function withRefusal(record: CaseRecord, refusal: DoorRefusal): CaseRecord {
  const { file } = record;
  if (!file.approvals.some(({ id }) => id === refusal.requestId)) return record;
  return { ...record, file: { ...file, refusedAtDoors: withDoorRefusal(file.refusedAtDoors, refusal) } };
}
