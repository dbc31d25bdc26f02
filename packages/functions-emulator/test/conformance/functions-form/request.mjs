// Sends one request of a scenario and keeps of the answer what the recordings keep.
import { createHash } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const unkept = new Set(['date', 'connection', 'keep-alive']);
const largestShown = 200_000;

/** `${key:NAME}` and `${base}` of a scenario. */
export function fill(text, host) {
  return text
    .replace(/\$\{key:(\w+)\}/g, (_, name) => host.keys[name])
    .replace(/\$\{base\}/g, new URL(host.url).origin);
}

function bodyOf(spec, host) {
  const { body } = spec;
  if (body === undefined) return undefined;
  if (typeof body === 'string') return Buffer.from(fill(body, host));
  if (body.base64 !== undefined) return Buffer.from(body.base64, 'base64');
  if (body.json !== undefined) return Buffer.from(fill(JSON.stringify(body.json), host));
  return Buffer.from((body.prefix ?? '') + body.repeat.repeat(body.count) + (body.suffix ?? ''));
}

function headersOf(spec, body, host) {
  const given = Array.isArray(spec.headers) ? spec.headers : Object.entries(spec.headers ?? {});
  const headers = given.map(([name, value]) => [name, fill(String(value), host)]);
  const has = (name) => headers.some(([given]) => given.toLowerCase() === name);
  if (!has('host')) headers.unshift(['Host', new URL(host.url).host]);
  if (!has('content-length') && !has('transfer-encoding') && !spec.chunked) {
    if (body) headers.push(['Content-Length', String(body.length)]);
    else if (['POST', 'PUT', 'PATCH'].includes(spec.method)) headers.push(['Content-Length', '0']);
  }
  if (spec.chunked) headers.push(['Transfer-Encoding', 'chunked']);
  return [...headers, ['Connection', 'close']];
}

async function sendPieces(request, body, spec) {
  const size = Math.max(1, Math.ceil(body.length / (spec.chunked === true ? 1 : spec.chunked)));
  for (let at = 0; at < body.length; at += size) {
    request.write(body.subarray(at, at + size));
    await sleep(spec.chunkGapMs ?? 5);
  }
  if (!spec.neverEnd) request.end();
}

/** @returns the answer, or how there was none; `ms` is how long it took. */
export function send(spec, host, normalise) {
  const { hostname, port } = new URL(host.url);
  const body = bodyOf(spec, host);
  const limit = spec.timeoutMs ?? 30_000;
  const begun = performance.now();
  return new Promise((resolve) => {
    const timers = [];
    const finish = (answer) => {
      timers.forEach(clearTimeout);
      resolve({ ...answer, ms: performance.now() - begun });
    };
    const request = http.request({
      host: hostname,
      port,
      method: spec.method ?? 'GET',
      path: fill(spec.path, host),
      agent: false,
      headers: headersOf(spec, body, host).flat(),
      setHost: false,
      insecureHTTPParser: true,
    });
    request.on('response', (response) => receive(response, spec, normalise, finish));
    request.on('error', (error) => finish({ connectionError: error.code ?? error.message }));
    const leave = (ms, answer) => {
      timers.push(
        setTimeout(() => {
          finish(answer);
          request.destroy();
        }, ms),
      );
    };
    leave(limit, { noResponse: `none within ${limit} ms` });
    if (spec.abortAfterMs) leave(spec.abortAfterMs, { aborted: 'by the client' });
    if (spec.chunked) void sendPieces(request, body ?? Buffer.alloc(0), spec);
    else request.end(body);
  });
}

function receive(response, spec, normalise, finish) {
  const chunks = [];
  const times = [];
  response.on('data', (chunk) => {
    chunks.push(chunk);
    times.push(performance.now());
  });
  const headers = [];
  for (let i = 0; i < response.rawHeaders.length; i += 2) {
    const name = response.rawHeaders[i];
    if (!unkept.has(name.toLowerCase())) headers.push([name, normalise(response.rawHeaders[i + 1])]);
  }
  const order = (a, b) =>
    a[0].toLowerCase() < b[0].toLowerCase() ? -1 : a[0].toLowerCase() > b[0].toLowerCase() ? 1 : 0;
  const end = (broken) =>
    finish({
      status: response.statusCode,
      reason: response.statusMessage,
      headers: headers.sort(order),
      ...shownBody(Buffer.concat(chunks), headers, normalise),
      ...(broken ? { broken: 'connection closed before the end of the body' } : {}),
      ...(spec.chunkCount ? { chunks: chunks.length } : {}),
      ...(spec.spread ? { arrivedSpreadOut: times.length > 1 && times.at(-1) - times[0] > spec.spread } : {}),
    });
  response.on('end', () => end(false));
  response.on('error', () => end(true));
  response.on('aborted', () => end(true));
}

function shownBody(bytes, headers, normalise) {
  if (bytes.length === 0) return { body: '' };
  if (bytes.length > largestShown)
    return { bodyLength: bytes.length, sha1: createHash('sha1').update(bytes).digest('hex') };
  const text = bytes.toString('utf8');
  if (!isText(bytes, text)) return { base64: bytes.toString('base64') };
  if (text.startsWith('<!DOCTYPE')) return { htmlLength: bytes.length };
  const shown = normalise(text);
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (!type.includes('json')) return { body: shown };
  try {
    return { json: JSON.parse(shown) };
  } catch {
    return { body: shown };
  }
}

function isText(bytes, text) {
  const isControl = (byte) => byte < 9 || (byte > 13 && byte < 27);
  return Buffer.from(text).equals(bytes) && !bytes.some(isControl);
}

/** Writes bytes on a socket and keeps the whole answer, its header lines in alphabetical order. */
export function sendRaw(text, host, normalise) {
  const { hostname, port } = new URL(host.url);
  return new Promise((resolve) => {
    const chunks = [];
    const socket = net.connect(Number(port), hostname);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('close', () =>
      resolve({ raw: sortHeaders(normalise(Buffer.concat(chunks).toString('latin1'))) }),
    );
    socket.write(fill(text, host).replaceAll('<host>', new URL(host.url).host));
  });
}

/** The order of header lines means nothing; the date differs. */
export function sortHeaders(message) {
  const [head, ...rest] = message.split('\r\n\r\n');
  const [line, ...headers] = head.split('\r\n');
  return [
    [line, ...headers.filter((header) => !header.startsWith('Date:')).sort()].join('\r\n'),
    ...rest,
  ].join('\r\n\r\n');
}
