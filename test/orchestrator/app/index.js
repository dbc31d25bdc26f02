// A test app around the orchestrator's waiting module: concurrent processes that act, sleep and receive messages.
import * as df from 'durable-functions';
import { now } from '../../../dist/src/orchestrator/durable.js';
import { Group } from '../../../dist/src/orchestrator/scheduler.js';
import { Waiting } from '../../../dist/src/orchestrator/waiting.js';

df.app.activity('writeComment', {
  handler: ({ incident, fail }) => {
    if (fail) throw new Error('failed on purpose');
    return { ok: true, value: { id: String(incident) } };
  },
});

/** Stores its inputs in the order in which they arrive. */
df.app.entity('notes', ({ df: { getState, setState, getInput } }) => {
  setState([...(getState(() => []) ?? []), getInput()]);
});

/** Answers every call. */
df.app.entity('reliance', (ctx) => ctx.df.return({ state: 'noted' }));

/**
 * Runs programs concurrently. A program is a list of acts (`{ act, within, fail }`, an activity that returns its own
 * name), sleeps (`{ sleep }`, milliseconds) and calls to an entity (`{ asks }`). Meanwhile it receives `wanted` messages;
 * each of them causes one more act. The output has each result with its time. With `tells`, it signals each act and
 * message to its own entity, except the quiet ones.
 */
df.app.orchestration('programs', function* (ctx) {
  const { programs, wanted = 0, tells = false } = ctx.df.getInput();
  const waiting = new Waiting(ctx);
  const did = programs.map(() => []);
  const heard = [];
  const news = [];
  const note = (what) => {
    if (tells && !what.includes('quiet')) news.push(what);
  };
  const outbox = {
    get isEmpty() {
      return news.length === 0;
    },
    send() {
      const notes = new df.EntityId('notes', ctx.df.instanceId);
      for (const what of news.splice(0)) ctx.df.signalEntity(notes, 'note', what);
    },
  };
  const group = new Group();
  const act = function* (name, { within, fail } = {}) {
    const result = yield* waiting.call('writeComment', { incident: name, fail }, within);
    note(name);
    return result.ok ? result.value.id : result.error.code;
  };
  programs.forEach((program, i) => {
    group.start(
      (function* () {
        for (const step of program) {
          if (step.asks) {
            const { state } = yield* waiting.askReliance(ctx.df.instanceId, { asks: i });
            did[i].push([state, now(ctx)]);
          } else if (step.sleep === undefined) did[i].push([yield* act(step.act, step), now(ctx)]);
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
        note(`message ${message.n}${message.quiet ? ' quiet' : ''}`);
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
  return yield* waiting.run(main, outbox);
});
