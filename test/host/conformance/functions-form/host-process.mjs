// The embedded host in a process of its own, so that signals, faults and its end are real ones.
// Started by play.mjs with one argument, JSON: {appDirectory, stateDirectory, logFile, authOff, settings}.
import { appendFileSync } from 'node:fs';
import { wallClock } from '../../../../dist/src/host/clock.js';
import { generateKeys, openDoor, readSettings, startDoors } from '../../../../dist/src/host/doors/index.js';
import { createAppWorker } from '../../../../dist/src/host/worker/index.js';

const options = JSON.parse(process.argv[2]);
const onEvent = (e) => {
  if (e.kind === 'log') appendFileSync(options.logFile, `${e.level}: ${e.category} | ${e.message}\n`);
};
const settings = readSettings(options.appDirectory, process.env, options.settings, []);
const door = await openDoor(0);
const sharedClock = new SharedArrayBuffer(8);
new Float64Array(sharedClock)[0] = NaN;
const clock = wallClock();
const hostVersion = '4.1037.0';
const worker = createAppWorker({
  appDirectory: options.appDirectory,
  environment: { ...settings.environment, WEBSITE_HOSTNAME: `127.0.0.1:${door.port}` },
  hostVersion,
  functionTimeoutMs: settings.functionTimeoutMs,
  sharedClock,
  onLog: (e) => onEvent({ kind: 'log', at: 0, ...e }),
  onGiveUp: () => setTimeout(() => process.exit(1), 50),
});
const loaded = settings.hostError
  ? { kind: 'loaded', functions: [], enableHttpStream: false }
  : await worker.load();
if (loaded.kind === 'failed' && loaded.stage === 'appStart') process.exit(1);
const keys = generateKeys();
const doors = startDoors({
  door,
  settings: {
    ...settings,
    environment: { ...settings.environment, WEBSITE_HOSTNAME: `127.0.0.1:${door.port}` },
  },
  loaded,
  worker,
  clock,
  keys,
  authOff: options.authOff,
  hostVersion,
  stateDirectory: options.stateDirectory,
  onEvent,
});
doors.startTimers();
process.on('SIGTERM', async () => {
  await doors.drain(20000);
  await worker.stop();
  process.exit(0);
});
process.stdout.write(`${JSON.stringify({ url: door.url, keys })}\n`);
