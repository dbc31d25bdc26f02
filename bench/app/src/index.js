// The reference workflow of docs/performance.md: an incident's shape with nothing of the product in it.
import http from 'node:http';
import * as df from 'durable-functions';

const UPSTREAM = Number(process.env.UPSTREAM_PORT);
const agent = new http.Agent({ keepAlive: true, maxSockets: 512, scheduling: 'lifo' });
const pad = 'y'.repeat(1900);

function call(method, path, id, body) {
  return new Promise((resolve, reject) => {
    const data = body === undefined ? undefined : JSON.stringify(body);
    const headers = data
      ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) }
      : {};
    const url = { host: '127.0.0.1', port: UPSTREAM, path: `/${path}?id=${encodeURIComponent(id)}` };
    const request = http.request({ ...url, method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(JSON.parse(text))
          : reject(new Error(`HTTP ${response.statusCode}`)),
      );
    });
    request.on('error', reject);
    request.end(data);
  });
}

df.app.activity('enrich', {
  handler: ({ id, k, live }) =>
    live ? call('GET', `enrich/${k}`, id) : { id, k, verdict: 'suspicious', pad },
});
df.app.activity('notify', { handler: ({ id, summary }) => call('POST', 'notify', id, summary) });
df.app.activity('remediate', {
  handler: ({ id, k, live, summary }) =>
    live ? call('POST', `remediate/${k}`, id, summary) : { id, ok: true },
});
df.app.activity('poll', {
  handler: ({ id, k, live }) =>
    live ? call('GET', `poll/${k}`, id) : { id, state: k === 2 ? 'Succeeded' : 'Running' },
});
df.app.activity('close', { handler: ({ id, summary }) => call('POST', 'close', id, summary) });
df.app.activity('hello', { handler: ({ city }) => `Hello, ${city}!` });
df.app.activity('step', { handler: ({ n }) => ({ n }) });

df.app.orchestration('incident', function* (context) {
  const { id, live, wait, incident } = context.df.getInput();
  const legs = [0, 1, 2, 3, 4, 5].map((k) => context.df.callActivity('enrich', { id, k, live }));
  const findings = yield context.df.Task.all(legs);
  const summary = {
    severity: incident.severity,
    hits: findings.filter((finding) => finding.verdict === 'suspicious').length,
  };
  if (wait) {
    yield context.df.callActivity('notify', { id, summary });
    const deadline = new Date(context.df.currentUtcDateTime.getTime() + 3_600_000);
    const timer = context.df.createTimer(deadline);
    const winner = yield context.df.Task.any([context.df.waitForExternalEvent('approval'), timer]);
    if (winner === timer) return 'expired';
    timer.cancel();
  }
  for (let k = 0; k < 2; k += 1) yield context.df.callActivity('remediate', { id, k, live, summary });
  for (let k = 0; k < 3; k += 1) {
    const action = yield context.df.callActivity('poll', { id, k, live });
    if (action.state === 'Succeeded') break;
  }
  yield context.df.callActivity('close', { id, summary });
  return 'closed';
});

df.app.orchestration('cities', function* (context) {
  const { id } = context.df.getInput();
  const out = [];
  for (const city of ['Tokyo', 'Seattle', 'London', 'Amsterdam', 'Mumbai']) {
    out.push(yield context.df.callActivity('hello', { city }));
  }
  yield context.df.callActivity('close', { id, summary: out });
  return out;
});

df.app.orchestration('sequence', function* (context) {
  const { id, length } = context.df.getInput();
  for (let n = 0; n < length; n += 1) yield context.df.callActivity('step', { n });
  yield context.df.callActivity('close', { id, summary: {} });
  return length;
});
