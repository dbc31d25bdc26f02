/** A click on a card, from the checks of where it came from to the answer that the clicker sees. */
import type { InvocationContext } from '@azure/functions';
import type { CaseTrouble } from '../../approvals/index.js';
import { type ApprovalRequest, requestIdOf } from '../../domain/approval.js';
import type { CaseFile } from '../../domain/case-file.js';
import { type Admitted, admit } from '../admission.js';
import { caseOfRequest } from '../cases.js';
import { decide, type PersonDecider } from '../decide.js';
import { keepRefusal } from '../door-refusals.js';
import { Instances } from '../durable-client.js';
import { cardFor } from './card.js';
import { checkAge, checkCard, checkPerson, checkPlace, claimedPerson, Refused } from './checks.js';
import type { TeamsSetup } from './setup.js';
import { type Click, type ClickAnswer, cardAnswer, textAnswer } from './wire.js';
import { kindOf, postedCard, refusedOf, wishOf } from './wish.js';

/** Real milliseconds from the click's arrival for which the verdict is waited for, of the three that people are promised. */
const PATIENCE = 2_000;

const TOO_MANY = 'More clicks came from you in the last minute than a person makes. Wait a minute.';

/** One card shows a request and, once there is one, the request to undo it: either can have been clicked. */
interface OnCard {
  readonly file: CaseFile;
  readonly clicked: ApprovalRequest;
  readonly base: ApprovalRequest;
  readonly undo: ApprovalRequest | undefined;
  readonly trouble: CaseTrouble | undefined;
}

/** @param arrived by the stopwatch. */
export async function answerClick(
  click: Click,
  setup: TeamsSetup,
  context: InvocationContext,
  arrived: number,
): Promise<ClickAnswer> {
  const instances = new Instances(context);
  const kind = kindOf(click);
  const by = kind === undefined ? undefined : admit(claimedPerson(click));
  if (by?.kind === 'too-fast') {
    context.warn('A click came faster than people click (too-many-decisions).');
    return textAnswer(TOO_MANY);
  }
  try {
    return await take(click, setup, by, instances, context, arrived + PATIENCE);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    if (kind !== undefined) {
      await keepRefusal(instances, refusedOf(click, kind, setup), thrown, context);
    }
    return textAnswer(thrown.message);
  }
}

async function take(
  click: Click,
  setup: TeamsSetup,
  by: Admitted<PersonDecider> | undefined,
  instances: Instances,
  context: InvocationContext,
  until: number,
): Promise<ClickAnswer> {
  const { data } = click.value.action;
  const channelId = checkPlace(click, setup);
  const before = await find(instances, data.rid);
  checkCard(click, before, channelId, setup);
  const show = ({ file, base, undo, trouble }: OnCard, notice?: string): ClickAnswer =>
    cardAnswer(cardFor({ view: file, request: base, undo, notice, trouble }, channelId, setup).card);

  const kind = kindOf(click);
  if (kind === undefined || by === undefined) return show(before);
  checkAge(click);
  checkPerson(by);
  const card = postedCard(click, before.base, channelId, setup);
  const wish = {
    ...wishOf(click, kind, before.clicked),
    ...(before.clicked === before.base ? { card } : {}),
  };
  const decided = await decide(instances, wish, by, context, until);
  if (decided.kind === 'unknown') throw unknownRequest();
  // Nothing more is asked for now: the time is over.
  if (decided.kind === 'pending') {
    return show(before, 'Recorded. It is being judged; this card changes as soon as it is.');
  }
  if (decided.kind === 'reused') return show(await find(instances, data.rid), decided.message);
  const { accepted, message } = decided.verdict;
  return show(await find(instances, data.rid), accepted ? undefined : `This did not count. ${message}`);
}

async function find(instances: Instances, requestId: string): Promise<OnCard> {
  const found = await caseOfRequest(instances, requestId);
  if (found === undefined) throw unknownRequest();
  const { file, request: clicked, trouble } = found;
  const one = (purpose: ApprovalRequest['purpose']) =>
    file.approvals.find(({ id }) => id === requestIdOf(file, clicked.tier, purpose));
  return { file, clicked, base: one('respond') ?? clicked, undo: one('undo'), trouble };
}

function unknownRequest(): Refused {
  return new Refused('unknown-request', 'This card belongs to no request that is known here.');
}
