// The world outside: answers every call after a delay and remembers what was called and when it was answered.
import http from 'node:http';

const pad = 'y'.repeat(1900);

export async function startUpstream(delayMs) {
  const calls = [];
  const listeners = { notify: () => {}, close: () => {}, call: () => {} };
  const answer = (what, k, id) => {
    if (what === 'enrich') return { id, k, verdict: 'suspicious', pad };
    if (what === 'poll') return { id, state: k === 2 ? 'Succeeded' : 'Running' };
    return { id, ok: true };
  };
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://upstream');
    const [, what, k] = url.pathname.split('/');
    const id = url.searchParams.get('id');
    const call = { id, key: url.pathname, startedAt: performance.now(), answeredAt: undefined };
    calls.push(call);
    listeners.call(call);
    request.resume();
    request.on('end', () => {
      const send = () => {
        call.answeredAt = performance.now();
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer(what, Number(k), id)));
        if (what === 'notify') listeners.notify(id);
        if (what === 'close') listeners.close(id);
      };
      if (what === 'notify' || what === 'close') send();
      else setTimeout(send, delayMs);
    });
  });
  server.keepAliveTimeout = 120_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  return { port: server.address().port, calls, listeners, stop: () => server.close() };
}
