/**
 * The bot's messaging endpoint. Its access level is anonymous because the token authenticates the call: no activity is
 * processed before its token proves that the Bot Connector sent it.
 */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { audienceOf } from '../../connectors/teams/index.js';
import { cleanErrorText } from '../../domain/error-text.js';
import { clock, stopwatch } from '../clock.js';
import { readBody } from '../http/body.js';
import { httpRoute } from '../http/route.js';
import { parseJson } from '../json-text.js';
import { logFailure } from '../log-failure.js';
import { problem } from '../problem.js';
import { answerClick } from './click.js';
import { learn } from './conversations.js';
import { type TeamsSetup, teamsSetups } from './setup.js';
import { claimedSchema, clickSchema, textAnswer, updateSchema } from './wire.js';

const LARGEST = 64 * 1024;

export function registerTeams(): void {
  httpRoute('messages', {
    methods: ['POST'],
    route: 'api/messages',
    authLevel: 'anonymous',
    extraInputs: [df.input.durableClient()],
    handler: takeMessage,
  });
}

async function takeMessage(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const arrived = stopwatch();
  const [first, ...others] = teamsSetups();
  if (first === undefined) return problem(NO_BOT);
  const authorization = request.headers.get('authorization') ?? undefined;
  // The token is checked against the body, so the body is read first, but only if there is a token.
  if (authorization === undefined) return refuse(context, 'no-token', 'the authorization header is missing');
  const body = await readBody(request, LARGEST);
  if (!body.ok) return problem(body.problem);
  const activity = parseJson(body.text);
  const claimed = claimedSchema.safeParse(activity);
  if (!claimed.success || claimed.data.channelId !== 'msteams') {
    return refuse(context, 'not-teams', 'the body is not a Teams activity');
  }
  // Its audience only chooses the bot, and with it the tenant: the bot's verifier accepts no other audience.
  const setup = others.length === 0 ? first : setupFor(authorization, [first, ...others]);
  if (setup === undefined) return refuse(context, 'audience', 'the token is for no bot of a tenant');
  const outcome = await setup.verifier.verify(authorization, claimed.data);
  if (!outcome.ok) return refuse(context, outcome.code, outcome.detail);
  if (claimed.data.type === 'invoke') return invoke(activity, setup, context, arrived);
  if (/^(?:installation|conversation)Update$/.test(claimed.data.type)) await update(activity, setup, context);
  // Other messages to the bot are ignored: decisions are made on cards only.
  else
    context.log(
      `An activity that is not a click was ignored (no-click): ${cleanErrorText(claimed.data.type)}`,
    );
  return { status: 200 };
}

function setupFor(authorization: string, setups: readonly TeamsSetup[]): TeamsSetup | undefined {
  const audience = audienceOf(authorization);
  return setups.find(({ botId }) => botId === audience);
}

async function invoke(
  activity: unknown,
  setup: TeamsSetup,
  context: InvocationContext,
  arrived: number,
): Promise<HttpResponseInit> {
  const click = clickSchema.safeParse(activity);
  if (!click.success) {
    const place = click.error.issues[0]?.path.join('.') ?? '';
    context.warn(`A click is not valid (not-understood), at ${cleanErrorText(place)}.`);
    return answer(textAnswer('This click is not valid. Open the card again, then decide.'));
  }
  try {
    return answer(await answerClick(click.data, setup, context, arrived));
  } catch (error) {
    // Teams would repeat a call that fails, and the person would see no answer.
    logFailure(context, 'A click could not be processed', error);
    return answer(
      textAnswer('The responder could not process this click. Try again, or decide in the browser.'),
    );
  }
}

async function update(activity: unknown, setup: TeamsSetup, context: InvocationContext): Promise<void> {
  const parsed = updateSchema.safeParse(activity);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? '';
    context.warn(`A Teams activity is not valid (not-understood), at ${cleanErrorText(place)}.`);
    return;
  }
  const { channelData, recipient, serviceUrl, action } = parsed.data;
  const isForThisBot =
    channelData.tenant.id.toLowerCase() === setup.tenantId &&
    recipient.id.toLowerCase() === `28:${setup.botId}`;
  if (!isForThisBot) {
    context.warn('An activity from another tenant or for another bot was ignored (not-ours).');
    return;
  }
  const at = new Date(clock.now()).toISOString();
  const { channel, team } = channelData;
  await learn(context, setup.tenantId, {
    serviceUrl,
    at,
    installed: action !== 'remove',
    ...(channel === undefined ? {} : { channelId: channel.id }),
    ...(team === undefined ? {} : { teamId: team.id }),
  });
}

function answer(body: object): HttpResponseInit {
  return { status: 200, headers: { 'cache-control': 'no-store' }, jsonBody: body };
}

/** Logs the reason; the caller does not receive it. */
function refuse(context: InvocationContext, code: string, detail: string): HttpResponseInit {
  context.warn(`A call of the messaging endpoint was refused (${code}): ${cleanErrorText(detail)}`);
  return problem({
    status: 401,
    code: 'not-the-bot-connector',
    detail: 'The Bot Connector did not send this call, or it is for another bot.',
  });
}

const NO_BOT = {
  status: 501,
  code: 'teams-not-configured',
  detail: 'No bot is configured.',
  next: 'Set TEAMS_BOT_ID and the other Teams settings; see docs/teams.md.',
};
