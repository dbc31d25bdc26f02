/** Instances that show as much of themselves as an incident can, and end at once or never. */
import * as df from 'durable-functions';

df.app.orchestration('handleIncident', function* (context) {
  const asks = `${'Isolate the device: a machine with a long name, '.repeat(2).slice(0, 80)}, and 12 more`;
  const id = `${context.df.instanceId}.1.analysts`;
  const expiresAt = '2026-03-10T12:12:00.000Z';
  context.df.setCustomStatus({
    state: 'awaiting-approval',
    generation: 1,
    title: 'ä'.repeat(200),
    number: '123456',
    severity: 'high',
    revision: 12,
    expiresAt,
    waiting: Array.from({ length: 8 }, () => ({ id, tier: 'analysts', revision: 1, expiresAt, asks })),
  });
  if (context.df.getInput().waits) yield context.df.waitForExternalEvent('never');
  return { incidentKey: 'x'.repeat(250), outcome: 'rejected' };
});
df.app.entity('case', (context) => context.df.setState(context.df.getInput()));
