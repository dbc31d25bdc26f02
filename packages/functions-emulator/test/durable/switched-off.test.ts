/** Durable functions that a setting disables: they are known, but do not run. */
import { expect, onTestFinished, test } from 'vitest';
import { writeApp } from '../functions/app.js';
import { type Status, startToy, type Toy } from './toy-host.js';

const code = `
import * as df from 'durable-functions';

let ran = 0;
df.app.activity('off', { handler: () => (ran += 1) });
df.app.entity('offEntity', (context) => context.df.return(1));
df.app.orchestration('offChild', function* () {
  return 1;
});
df.app.orchestration('calls', function* (context) {
  return yield context.df.callActivity('off', {});
});
df.app.orchestration('catches', function* (context) {
  try {
    return yield context.df.callActivityWithRetry('off', new df.RetryOptions(1, 2), {});
  } catch (error) {
    return { caught: error.message, ran };
  }
});
df.app.orchestration('callsEntity', function* (context) {
  return yield context.df.callEntity(new df.EntityId('offEntity', 'k'), 'get');
});
df.app.orchestration('callsChild', function* (context) {
  return yield context.df.callSubOrchestrator('offChild', {});
});
`;

async function host(off: readonly string[]): Promise<Toy> {
  const toy = await startToy({
    appDirectory: writeApp({ 'index.js': code }),
    settings: Object.fromEntries(off.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true'])),
  });
  onTestFinished(() => toy.host.stop());
  return toy;
}

async function run(toy: Toy, name: string): Promise<Status> {
  await toy.start(name, name);
  return toy.done(name);
}

test('an activity fails in a way that can be caught, and does not run', async () => {
  const toy = await host(['off']);
  expect(await run(toy, 'calls')).toMatchObject({
    runtimeStatus: 'Failed',
    output: expect.stringContaining("Activity function 'off' failed: Activity function 'off' is disabled."),
  });
  expect((await run(toy, 'catches')).output).toMatchObject({
    caught: expect.stringContaining("Activity function 'off' is disabled."),
    ran: 0,
  });
  expect(toy.events).toContainEqual(
    expect.objectContaining({
      kind: 'log',
      level: 'warning',
      message: expect.stringContaining("Activity function 'off' was scheduled but is disabled."),
    }),
  );
});

test('an orchestration fails, started or called, and is not listed as known', async () => {
  const toy = await host(['offChild']);
  const { runtimeStatus, output } = await run(toy, 'offChild');
  expect(runtimeStatus).toBe('Failed');
  expect(output).toContain(
    "The function 'offChild' doesn't exist, is disabled, or is not an orchestrator function.",
  );
  expect(String(output).split('Additional info')[1]).not.toContain('offChild');
  expect((await run(toy, 'callsChild')).runtimeStatus).toBe('Failed');
});

test('an operation of an entity fails its caller', async () => {
  const toy = await host(['offEntity']);
  expect((await run(toy, 'callsEntity')).runtimeStatus).toBe('Failed');
  expect(toy.diagnosed()).not.toContain('not-registered');
});

test('enabled functions run', async () => {
  const toy = await host([]);
  for (const name of ['calls', 'callsEntity', 'callsChild', 'offChild'])
    expect(await run(toy, name)).toMatchObject({ runtimeStatus: 'Completed', output: 1 });
});
