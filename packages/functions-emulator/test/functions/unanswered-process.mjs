// A host in its own process, for the given app and data directory. Prints its URLs and keys.
import { startHost } from 'functions-emulator';

const options = JSON.parse(process.argv[2]);
const host = await startHost({ ...options, port: 0, serviceBusPort: 0 });
const { url, serviceBusConnectionString, eventGridTopics } = host;
console.log(JSON.stringify({ url, serviceBusConnectionString, topic: eventGridTopics[0] }));
