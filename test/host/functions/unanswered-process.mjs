// A host in a process of its own, on the app and the data directory that it is given. Prints what it needs to be talked to.
import { startHost } from '#host';

const options = JSON.parse(process.argv[2]);
const host = await startHost({ ...options, port: 0, serviceBusPort: 0 });
const { url, serviceBusConnectionString, eventGridTopics } = host;
console.log(JSON.stringify({ url, serviceBusConnectionString, topic: eventGridTopics[0] }));
