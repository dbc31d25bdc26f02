// An app around the orchestrator's waiting module alone: processes side by side that act, sleep and hear.
import * as df from 'durable-functions';
import { now } from '../../../dist/src/orchestrator/durable.js';
import { Group } from '../../../dist/src/orchestrator/process.js';
import { Waiting } from '../../../dist/src/orchestrator/waiting.js';

df.app.activity('writeComment', {
  handler: ({ incident, fail }) => {
    if (fail) throw new Error('failed on purpose');
    return { ok: true, value: { id: String(incident) } };
  },
});

/**
 * Runs programs side by side: lists of acts (`{ act, within, fail }`, an activity that is to answer with its own name),
 * and sleeps (`{ sleep }`, milliseconds). Meanwhile it hears `wanted` messages; each makes it act once more. Says what
 * came of each, and when. Where it `tells`, an entity is
 * told at once of each act that ended.
 */
df.app.orchestration('programs', function* (ctx) {
  const { programs, wanted = 0, tells = false } = ctx.df.getInput();
  const waiting = new Waiting(ctx);
  const did = programs.map(() => []);
  const heard = [];
  /** How much has come of steps and messages that the entity does not know yet. */
  let news = 0;
  const group = new Group();
  const act = function* (name, { within, fail } = {}) {
    const result = yield* waiting.call('writeComment', { incident: name, fail }, within);
    news += 1;
    return result.ok ? result.value.id : result.error.code;
  };
  programs.forEach((program, i) => {
    group.start(
      (function* () {
        for (const step of program) {
          if (step.sleep === undefined) did[i].push([yield* act(step.act, step), now(ctx)]);
          else {
            yield* waiting.sleepUntil(now(ctx) + step.sleep);
            did[i].push(['slept', now(ctx)]);
          }
        }
      })(),
    );
  });
  group.start(
    (function* () {
      for (let n = 0; n < wanted; n++) {
        const { message } = yield* waiting.nextMessage(() => false);
        const at = now(ctx);
        group.start(
          (function* () {
            heard.push({ message, at, echo: yield* act(`heard ${n}`) });
          })(),
        );
      }
    })(),
  );
  const main = (function* () {
    yield* group.run();
    return { did, heard, last: yield* act('last') };
  })();
  return yield* waiting.run(main, () => {
    if (news === 0 || !tells) return;
    const update = { news, at: now(ctx) };
    news = 0;
    waiting.signal(() => ctx.df.signalEntity(new df.EntityId('log', ctx.df.instanceId), 'add', update));
  });
});

/** Keeps what it is told, in the order in which it comes. */
df.app.entity('log', (ctx) => {
  ctx.df.setState([...(ctx.df.getState() ?? []), ctx.df.getInput()]);
});
