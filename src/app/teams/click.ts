/** Handles a click on a card: checks its origin, submits the decision, and builds the answer for the person who clicked. */
import type { InvocationContext } from '@azure/functions';
import type { CaseProblem } from '../../approvals/index.js';
import type { ApprovalRequest } from '../../domain/approval.js';
import type { CaseFile } from '../../domain/case-file.js';
import { type Admitted, admit } from '../admission.js';
import { caseOfRequest } from '../cases.js';
import { decide, type PersonDecider } from '../decide.js';
import { IncidentInstances } from '../incident-instances.js';
import { recordRefusedDecision } from '../record-refused-decision.js';
import { casesOf } from '../visible-cases.js';
import { cardFor } from './card.js';
import { checkAge, checkCard, checkPerson, checkPlace, claimedPerson, Refused } from './checks.js';
import { decisionRequestOf, kindOf, postedCard, refusedOf } from './decision-request.js';
import type { TeamsSetup } from './setup.js';
import { type Click, type ClickAnswer, cardAnswer, textAnswer } from './wire.js';

/** Real milliseconds to wait for the outcome, counted from the arrival of the click. docs/teams.md promises 3 s. */
const PATIENCE = 2_000;

const TOO_MANY = 'You submitted too many decisions in the last minute. Wait a minute.';

/** A card shows a request and, if there is one, its undo request. The click can belong to either. */
interface OnCard {
  readonly file: CaseFile;
  readonly clicked: ApprovalRequest;
  readonly base: ApprovalRequest;
  readonly undo: ApprovalRequest | undefined;
  readonly problem: CaseProblem | undefined;
}

/** @param arrived the arrival time by the stopwatch, in milliseconds. */
export async function answerClick(
  click: Click,
  setup: TeamsSetup,
  context: InvocationContext,
  arrived: number,
): Promise<ClickAnswer> {
  const instances = new IncidentInstances(context, casesOf(setup));
  const kind = kindOf(click);
  const by = kind === undefined ? undefined : admit(claimedPerson(click, setup));
  if (by?.kind === 'too-fast') {
    context.warn('A click was refused: too many clicks from one person (too-many-decisions).');
    return textAnswer(TOO_MANY);
  }
  try {
    return await take(click, setup, by, instances, context, arrived + PATIENCE);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    if (kind !== undefined) {
      await recordRefusedDecision(instances, refusedOf(click, kind, setup), thrown, context);
    }
    return textAnswer(thrown.message);
  }
}

async function take(
  click: Click,
  setup: TeamsSetup,
  by: Admitted<PersonDecider> | undefined,
  instances: IncidentInstances,
  context: InvocationContext,
  until: number,
): Promise<ClickAnswer> {
  const { data } = click.value.action;
  const channelId = checkPlace(click, setup);
  const before = await find(instances, data.rid);
  checkCard(click, before, channelId, setup);
  const show = ({ file, base, undo, problem }: OnCard, notice?: string): ClickAnswer =>
    cardAnswer(cardFor({ view: file, request: base, undo, notice, problem }, channelId, setup).card);

  const kind = kindOf(click);
  if (kind === undefined || by === undefined) return show(before);
  checkAge(click);
  checkPerson(by);
  const card = postedCard(click, before.base, channelId, setup);
  const decisionRequest = {
    ...decisionRequestOf(click, kind, before.clicked),
    ...(before.clicked === before.base ? { card } : {}),
  };
  const decided = await decide(instances, decisionRequest, by, context, until);
  if (decided.kind === 'unknown') throw unknownRequest();
  // No time is left to read the case file again.
  if (decided.kind === 'pending') {
    return show(before, 'Recorded. It is being evaluated; this card is updated when the outcome is known.');
  }
  if (decided.kind === 'reused') return show(await find(instances, data.rid), decided.message);
  const { accepted, message } = decided.outcome;
  return show(await find(instances, data.rid), accepted ? undefined : `Decision refused. ${message}`);
}

async function find(instances: IncidentInstances, requestId: string): Promise<OnCard> {
  const found = await caseOfRequest(instances, requestId);
  if (found === undefined) throw unknownRequest();
  const { file, request: clicked, problem } = found;
  const one = (purpose: ApprovalRequest['purpose']) =>
    file.approvals.find(
      (other) =>
        other.purpose === purpose && other.tier === clicked.tier && other.planHash === clicked.planHash,
    );
  return { file, clicked, base: one('respond') ?? clicked, undo: one('undo'), problem };
}

function unknownRequest(): Refused {
  return new Refused('unknown-request', 'This card belongs to an unknown request.');
}
