// The embedded host in a process of its own, so that signals, faults and its end are real ones.
// Started by play.mjs with one argument, JSON: {appDirectory, dataDirectory, logFile, authOff, settings}.
import { appendFileSync } from 'node:fs';
import { startHost } from 'functions-emulator';

const { logFile, ...options } = JSON.parse(process.argv[2]);

const host = await startHost({
  ...options,
  port: 0,
  serviceBusPort: 0,
  onEvent(event) {
    if (event.kind !== 'log') return;
    appendFileSync(logFile, `${event.level}: ${event.category} | ${event.message}\n`);
    if (event.message.startsWith('Exceeded language worker restart')) process.exitCode = 1;
    if (process.exitCode === 1 && event.level === 'critical') setTimeout(() => process.exit(), 50);
  },
}).catch((error) => {
  appendFileSync(logFile, `critical: Host | ${error.message}\n`);
  process.exit(1);
});
process.on('SIGTERM', async () => {
  await host.stop();
  process.exit(0);
});
process.stdout.write(`${JSON.stringify({ url: host.url, keys: host.keys })}\n`);
