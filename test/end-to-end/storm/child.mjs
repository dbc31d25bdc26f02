// One life of the host in a storm: it runs until it is killed. Its options are the first argument, as JSON.
import { startHost, wallClock } from 'functions-emulator';

const options = JSON.parse(process.argv[2]);
const host = await startHost({ ...options, clock: wallClock(), redelivery: 'at-once', onEvent: () => {} });
const { url, keys, serviceBusConnectionString, eventGridTopics } = host;
process.stdout.write(
  `${JSON.stringify({ kind: 'ready', url, keys, serviceBus: serviceBusConnectionString, topic: eventGridTopics[0] })}\n`,
);
