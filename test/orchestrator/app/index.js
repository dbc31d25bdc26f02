// An app around the orchestrator's waiting module alone: it collects messages with reminders and activities between.
import * as df from 'durable-functions';
import { callActivity, now } from '../../../dist/src/orchestrator/durable.js';
import { Inbox, runLegs, sleep } from '../../../dist/src/orchestrator/waiting.js';

df.app.activity('writeComment', {
  handler: ({ incident, fail }) => {
    if (fail) throw new Error('failed on purpose');
    return { ok: true, value: { id: String(incident) } };
  },
});

/** Collects `wanted` messages; whenever none came for `patienceMs`, and after each message, an activity runs. */
df.app.orchestration('collect', function* (ctx) {
  const { wanted, patienceMs, rounds } = ctx.df.getInput();
  const inbox = new Inbox(ctx);
  const got = [];
  const echoes = [];
  for (let round = 0; got.length < wanted && round < rounds; round++) {
    const arrived = yield* inbox.next(now(ctx) + patienceMs);
    if (arrived) got.push(arrived.message);
    const echo = yield* callActivity(ctx, 'writeComment', { incident: `round ${round}` });
    echoes.push(echo.ok && echo.value.id === `round ${round}`);
  }
  for (let late = yield* inbox.next(now(ctx)); late; late = yield* inbox.next(now(ctx)))
    got.push(late.message);
  yield* sleep(ctx, 1_000);
  const last = yield* callActivity(ctx, 'writeComment', { incident: 'last' });
  return { got, echoes, last: last.ok && last.value.id };
});

/** Runs legs that answer, fail or are late, then one more activity. */
df.app.orchestration('legs', function* (ctx) {
  const { legs } = ctx.df.getInput();
  const results = yield* runLegs(
    ctx,
    'writeComment',
    legs.map(({ name, fail, deadlineMs }) => ({ input: { incident: name, fail }, deadlineMs })),
  );
  const last = yield* callActivity(ctx, 'writeComment', { incident: 'last' });
  return {
    results: results.map((one) => (one.ok ? one.value.id : one.error.code)),
    last: last.ok && last.value.id,
  };
});
