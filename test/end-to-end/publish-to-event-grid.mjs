// Publishes an incident to a topic.
// node publish-to-event-grid.mjs <topic address> <key> event.json
import { readFileSync } from 'node:fs';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';

const [topic, key, file] = process.argv.slice(2);
const client = new EventGridPublisherClient(topic, 'EventGrid', new AzureKeyCredential(key), {
  allowInsecureConnection: true,
});
const data = JSON.parse(readFileSync(file, 'utf8'));
await client.send([{ eventType: 'Contoso.Incident', subject: 'incident', dataVersion: '1', data }]);
