// One embedded host in a process of its own, steered over IPC. usage: fork(host-process.mjs, [dataDirectory, upstreamPort])
import { fileURLToPath } from 'node:url';
import { startHost } from 'functions-emulator';

const [dataDirectory, upstreamPort] = process.argv.slice(2);
let commits = 0;
const host = await startHost({
  appDirectory: fileURLToPath(new URL('./app', import.meta.url)),
  dataDirectory,
  port: 0,
  serviceBusPort: 0,
  redelivery: 'at-once',
  settings: { UPSTREAM_PORT: upstreamPort },
  // Each commit waits for the disk once.
  introspection: {
    onCommit: () => {
      commits += 1;
    },
  },
});
process.on('message', async (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage();
    const rssMiB = process.memoryUsage.rss() / 2 ** 20;
    process.send({ usage: { cpuMs: (user + system) / 1000, rssMiB, commits } });
  } else if (message === 'stop') {
    await host.stop();
    process.exit(0);
  }
});
process.send({ ready: { url: host.url, systemKey: host.keys.system } });
