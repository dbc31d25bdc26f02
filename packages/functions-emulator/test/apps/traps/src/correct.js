// Ways to wait that are right, although they resemble a trap.
import * as df from 'durable-functions';

const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);
const HOUR = 3_600_000;

// The loop of https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-phone-verification: one timer
// in the race of each attempt. Nothing follows the last race, so that no id shifts.
df.app.orchestration('phoneVerification', function* (context) {
  const challengeCode = yield context.df.callActivity('echo', { code: context.df.getInput().code });
  context.df.setCustomStatus('sent');
  const timeoutTask = context.df.createTimer(later(context, HOUR));
  let authorized = false;
  for (let i = 0; i <= 3; i += 1) {
    const challengeResponseTask = context.df.waitForExternalEvent('SmsChallengeResponse');
    const winner = yield context.df.Task.any([challengeResponseTask, timeoutTask]);
    if (winner !== challengeResponseTask) break;
    if (challengeResponseTask.result === challengeCode.code) {
      authorized = true;
      break;
    }
    context.df.setCustomStatus(`wrong ${i + 1}`);
  }
  if (!timeoutTask.isCompleted) timeoutTask.cancel();
  return authorized;
});
// https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-overview#human
df.app.orchestration('humanInteraction', function* (context) {
  yield context.df.callActivity('echo', { request: 'approval' });
  context.df.setCustomStatus('requested');
  const durableTimeout = context.df.createTimer(later(context, HOUR));
  const approvalEvent = context.df.waitForExternalEvent('ApprovalEvent');
  const winner = yield context.df.Task.any([approvalEvent, durableTimeout]);
  if (winner !== approvalEvent) return yield context.df.callActivity('echo', 'escalated');
  durableTimeout.cancel();
  return yield context.df.callActivity('echo', approvalEvent.result);
});
// A timer of its own for each race, all for the same deadline.
df.app.orchestration('ownTimers', function* (context) {
  const deadline = later(context, HOUR);
  const timers = [1, 2].map(() => context.df.createTimer(deadline));
  for (const [n, timer] of timers.entries())
    yield context.df.Task.any([context.df.callActivity('echo', { n }), timer]);
  for (const timer of timers) timer.cancel();
  return yield context.df.callActivity('echo', 'after');
});
