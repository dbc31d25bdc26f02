// A broker in its own process, to be killed: node broker-process.mjs DATA_DIRECTORY PORT KEY
import { wallClock } from '../../dist/clock.js';
import { Broker } from '../../dist/servicebus/broker.js';
import { openBrokerPort } from '../../dist/servicebus/broker-port.js';
import { openStore } from '../../dist/store/store.js';

const [dataDirectory, port, accessKey] = process.argv.slice(2);
const broker = new Broker(await openBrokerPort(Number(port), accessKey), {
  clock: wallClock(),
  database: openStore(dataDirectory, undefined, (error) => console.error(error)),
  settings: { maxDeliveryCount: 1000, lockDurationMs: 30_000 },
  onProblem: (message) => console.error(message),
});
broker.declare({ kind: 'queue', queue: 'incidents' });
console.log(broker.connectionString);
