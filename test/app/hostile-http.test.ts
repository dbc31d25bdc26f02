/** Calls that no client library makes: none causes a 500, and none starts an instance. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Responder, until } from './responder.js';

let responder: Responder;
beforeAll(async () => {
  responder = await Responder.start();
});
afterAll(() => responder.stop());

const REQUEST = `incident-${'0'.repeat(40)}.analysts`;
const HEAD = ['Host: 127.0.0.1', 'Connection: close'];
const JSON_TYPE = 'Content-Type: application/json';

interface Raw {
  readonly status: number;
  readonly code: unknown;
}

/** The answer of a server to these exact bytes. */
function send(lines: readonly string[], body: string | Buffer = ''): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(responder.host.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () =>
      resolve({ status: Number(text.split(' ')[1]), code: /"code":"([^"]*)"/.exec(text)?.[1] }),
    );
    socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), Buffer.from(body)]));
  });
}

const authorized = async (): Promise<string> => {
  let header = '';
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    header = new Headers(init?.headers).get('authorization') ?? '';
    return fetch(input, init);
  };
  await responder.call('GET', '/api/incidents').finally(() => {
    globalThis.fetch = fetch;
  });
  return `Authorization: ${header}`;
};

describe('a header with signs of another alphabet', () => {
  const post = `POST /api/approvals/${REQUEST}/decisions HTTP/1.1`;
  it.each([
    'Idempotency-Key',
    'If-Match',
    'Cookie',
    'Authorization',
    'X-Ms-Client-Principal',
    'X-Ms-Token-Aad-Id-Token',
    'Content-Type',
    'Origin',
    'Sec-Fetch-Site',
    'X-Anything',
  ])('%s is no error of the host', async (name) => {
    for (const value of ['\u043a\u043b\u044e\u0447', '\ud83d\ude00', '\u00fc', '\u212a', 'a'.repeat(4000)]) {
      for (const line of [post, 'POST /api/incidents HTTP/1.1', 'GET /approvals HTTP/1.1']) {
        const { status } = await send(
          [line, ...HEAD, JSON_TYPE, `${name}: ${value}`, 'Content-Length: 2'],
          '{}',
        );
        expect(status, `${line} ${name}: ${value}`).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }
    }
  });

  it('is refused where it is the key of a decision, and is not taken for another key', async () => {
    const request = await responder.asked(await responder.deliver());
    for (const key of ['\u043a\u043b\u044e\u0447', '\u00bf', 'a b', '', 'a'.repeat(201), '\u017f']) {
      const lines = [`POST /api/approvals/${request.approval.id}/decisions HTTP/1.1`, ...HEAD, JSON_TYPE];
      const body = JSON.stringify({ kind: 'reject', reason: 'A test.' });
      const headers = [await authorized(), `If-Match: ${request.etag}`, `Idempotency-Key: ${key}`];
      expect(await send([...lines, ...headers, `Content-Length: ${body.length}`], body)).toEqual({
        status: 400,
        code: 'bad-idempotency-key',
      });
    }
    const { approval } = await responder.request(request.approval.id);
    expect([approval.state, approval.revision]).toEqual([request.approval.state, request.approval.revision]);
  });
});

describe('a body', () => {
  const chunked = ['POST /api/incidents HTTP/1.1', ...HEAD, JSON_TYPE, 'Transfer-Encoding: chunked'];

  it('in chunks that arrives empty is refused with what to do', async () => {
    expect(await send(chunked, '0\r\n\r\n')).toEqual({ status: 411, code: 'length-required' });
  });

  it('that is announced as larger than any is not read', async () => {
    const headers = [...HEAD, JSON_TYPE, 'Content-Length: 1048577'];
    expect(await send(['POST /api/incidents HTTP/1.1', ...headers], ' '.repeat(1048577))).toEqual({
      status: 413,
      code: 'too-large',
    });
  });

  it('is held to what its route needs, from callers who may call it', async () => {
    const lines = [
      `POST /api/approvals/${REQUEST}/decisions HTTP/1.1`,
      ...HEAD,
      await authorized(),
      JSON_TYPE,
    ];
    expect(await send([...lines, 'Content-Length: 65537'], ' '.repeat(65_537))).toEqual({
      status: 413,
      code: 'too-large',
    });
    // A route reveals its schema only to authorised callers.
    const anonymous = lines.filter((line) => !line.startsWith('Authorization'));
    expect((await send([...anonymous, 'Content-Length: 65537'], ' '.repeat(65_537))).status).toBe(401);
    const origin = `Origin: http://127.0.0.1`;
    const form = [
      'POST /sign-in HTTP/1.1',
      ...HEAD,
      origin,
      'Content-Type: application/x-www-form-urlencoded',
    ];
    expect((await send([...form, 'Content-Length: 4097'], 'a'.repeat(4097))).status).toBe(413);
    expect((await send([...form, 'Content-Length: 4096'], 'a'.repeat(4096))).status).toBe(401);
  });

  it('for Teams without a token is not read', async () => {
    const headers = [...HEAD, JSON_TYPE, 'Content-Length: 1'];
    const { status } = await send(['POST /api/messages HTTP/1.1', ...headers], '{');
    expect([401, 501]).toContain(status);
  });
});

it('half a character in a reason is not stored', async () => {
  const own = await Responder.start();
  try {
    const request = await own.asked(await own.deliver());
    // Refused on submission and recorded, without evaluation.
    const refused = await own.decide(request, { kind: 'reject', reason: 'half \ud800 of it', etag: '"9-0"' });
    expect(refused.status).toBe(412);
    const audit = await until('the refusal', async () => {
      const { text } = await own.call('GET', `/api/approvals/${request.approval.id}/audit`);
      return text.includes('half \ufffd of it') ? text : undefined;
    });
    expect(audit).not.toMatch(/\\ud8/i);
  } finally {
    await own.stop();
  }
});

it('no path, query or body ends in an error of the host', { timeout: 60_000 }, async () => {
  const before = (await responder.call('GET', '/api/incidents')).text;
  const token = await authorized();
  const segment = fc.oneof(
    fc.constantFrom(
      '%',
      '%ff',
      '%c0%af',
      '%2e%2e',
      '%u212a',
      '%ed%a0%80',
      'x'.repeat(3000),
      REQUEST,
      '..%2f',
      '%e2%84%aa',
    ),
    fc
      .string({ unit: 'grapheme', maxLength: 8 })
      .filter((text) => !/\p{Cs}/u.test(text))
      .map(encodeURIComponent),
  );
  const path = fc
    .tuple(
      fc.constantFrom(
        '/api/approvals/',
        '/api/incidents/',
        '/approvals/',
        '/api/approvals?cursor=',
        '/api/approvals?limit=',
        '/sign-in?token=',
      ),
      segment,
      fc.constantFrom('', '/decisions', '/undo', '/audit', '?state=', '&state=waiting'),
    )
    .map((parts) => parts.join(''));
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom(
      '{"__proto__":{}}',
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      '{"kind":"approve","steps":["\\ud800"],"reason":"\\udfff"}',
      '{"kind":"approve","kind":"reject"}',
      '\0',
    ),
  );
  await fc.assert(
    fc.asyncProperty(path, fc.constantFrom('GET', 'POST'), body, async (path, method, body) => {
      const bytes = Buffer.from(body);
      const length = method === 'POST' ? [`Content-Length: ${bytes.length}`] : [];
      const lines = [`${method} ${path} HTTP/1.1`, ...HEAD, JSON_TYPE, token, 'If-Match: "x"', ...length];
      const { status } = await send(lines, method === 'POST' ? bytes : '');
      expect(status, `${method} ${path}`).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
  expect((await responder.call('GET', '/api/incidents')).text).toBe(before);
});
