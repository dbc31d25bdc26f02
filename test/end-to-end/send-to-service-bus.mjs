// Puts an incident into the queue, as a Logic App or any other program would.
// node send-to-service-bus.mjs "<connection string>" event.json
import { readFileSync } from 'node:fs';
import { ServiceBusClient } from '@azure/service-bus';

const [connectionString, file] = process.argv.slice(2);
const client = new ServiceBusClient(connectionString);
const body = JSON.parse(readFileSync(file, 'utf8'));
await client.createSender('incidents').sendMessages({ body, contentType: 'application/json' });
await client.close();
