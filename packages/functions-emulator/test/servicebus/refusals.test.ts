import { createServer, connect as openSocket, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBrokerPort } from '../../src/servicebus/broker-port.js';
import { connect, failure, receiveOne, type Started, startBroker } from './namespace.js';

const portOf = ({ broker }: Started): number =>
  Number(/127\.0\.0\.1:(\d+)/.exec(broker.connectionString)?.[1]);

/** Writes bytes on a new connection and resolves when the broker ends it, or after a while. */
function raw(port: number, bytes: Buffer | string): Promise<'ended' | 'open'> {
  return new Promise((resolve) => {
    const socket: Socket = openSocket(port, '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => {
      socket.destroy();
      resolve('open');
    }, 1_000);
    socket.on('error', () => undefined);
    socket.resume();
    socket.on('close', () => {
      clearTimeout(timer);
      resolve('ended');
    });
  });
}

describe('rejected clients', () => {
  test('an unknown queue is reported as the service does, for sender and receiver', async () => {
    const { client } = await startBroker();
    const errors = await Promise.all([
      failure(client.createSender('nowhere').sendMessages({ body: 1 })),
      failure(client.createReceiver('nowhere').receiveMessages(1)),
      failure(client.createReceiver('nowhere').peekMessages(1)),
    ]);
    for (const error of errors) expect(error).toMatchObject({ code: 'MessagingEntityNotFound' });
  });

  test.each([
    ['key', /SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc='],
    ['name of the key', /RootManageSharedAccessKey/, 'SomeOtherKey'],
  ])('a wrong %s', async (_, right, wrong) => {
    const { broker, client } = await startBroker();
    const stranger = connect(broker.connectionString.replace(right, wrong));
    expect(await failure(stranger.createSender('incidents').sendMessages({ body: 1 }))).toMatchObject({
      code: 'UnauthorizedAccess',
    });
    expect(await failure(stranger.createReceiver('incidents').receiveMessages(1))).toMatchObject({
      code: 'UnauthorizedAccess',
    });
    await client.createSender('incidents').sendMessages({ body: 'unharmed' });
    expect((await receiveOne(client.createReceiver('incidents'))).body).toBe('unharmed');
  });

  test('a session receiver', async () => {
    const { client, problems } = await startBroker();
    const error = await failure(client.acceptNextSession('incidents'));
    expect(error.message).toContain('A session receiver is not supported by the embedded broker');
    // For a named session the client library reports its own error, so the broker reports it too.
    await failure(client.acceptSession('incidents', 'one'));
    expect(problems.at(-1)).toBe('A session receiver is not supported by the embedded broker.');
  });

  test('an operation of the client library that the broker does not support', async () => {
    const { broker, client } = await startBroker();
    broker.declare({ kind: 'topic', topic: 'alerts', subscription: 'all' });
    const rules = client.createRuleManager('alerts', 'all');
    const error = await failure(rules.createRule('r', { correlationId: '1' }));
    expect(error.message).toContain("'com.microsoft:add-rule' is not supported by the embedded broker");
  });
});

describe('invalid bytes on the port', () => {
  test.each([
    ['HTTP', 'GET /$servicebus/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\r\n'],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['AMQP 0.9.1', Buffer.from('414d515000000901', 'hex')],
    ['random bytes', Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919) % 251))],
    [
      'a broken frame',
      Buffer.concat([Buffer.from('414d515000010000', 'hex'), Buffer.from('0000000302000000', 'hex')]),
    ],
    ['an unknown performative', Buffer.from('414d5150000100000000000e020000000053ffc00100', 'hex')],
  ])('%s ends only that connection', async (_, bytes) => {
    const started = await startBroker();
    await started.client.createSender('incidents').sendMessages({ body: 'unharmed' });
    expect(await raw(portOf(started), bytes)).toBe('ended');
    expect((await receiveOne(started.client.createReceiver('incidents'))).body).toBe('unharmed');
    expect(started.problems.length).toBeGreaterThan(0);
  });

  test('a client that disconnects in the middle of a transfer leaves nothing behind', async () => {
    const started = await startBroker();
    const sender = started.client.createSender('incidents');
    await sender.sendMessages({ body: 'unharmed' });
    // The header and an announced frame of 60,000 bytes that never arrives.
    const half = Buffer.concat([Buffer.from('414d5150000100000000ea60020000', 'hex'), Buffer.alloc(1_000)]);
    await new Promise<void>((resolve) => {
      const socket = openSocket(portOf(started), '127.0.0.1', () => {
        socket.write(half, () => {
          socket.resetAndDestroy();
          resolve();
        });
      });
    });
    const receiver = started.client.createReceiver('incidents');
    expect((await receiver.peekMessages(5)).map(({ body }) => body)).toEqual(['unharmed']);
  });
});

describe('a count of elements that the frame has no bytes for', () => {
  // Elements of an array of nulls have no bytes of their own: this one would have four thousand million.
  test.each([
    ['an array of nulls', 'f0 00000005 ffffffff 40'],
    ['an array of lists without elements', 'f0 00000005 7fffffff 45'],
    ['a list', 'd0 00000004 02000000'],
    ['a map', 'd1 00000004 02000000'],
  ])('ends the connection: %s', async (_what, value) => {
    const started = await startBroker();
    const field = Buffer.from(value.replaceAll(' ', ''), 'hex');
    // The performative "open" with one field.
    const body = Buffer.concat([Buffer.from([0x00, 0x53, 0x10, 0xc0, field.length + 1, 1]), field]);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8);
    head[4] = 2;
    const socket = openSocket(portOf(started), '127.0.0.1');
    socket.on('error', () => undefined).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat([Buffer.from('414d515000010000', 'hex'), head, body]));
    await closed;
    const client = connect(started.broker.connectionString);
    await client.createSender('incidents').sendMessages({ body: 'alive' });
    await client.close();
  });
});

describe('a session with corrupted bytes', () => {
  test('affects only itself', { timeout: 60_000 }, async () => {
    const started = await startBroker();
    const chunks = await record(started);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(chunks.length - 1), place: fc.nat(), value: fc.nat(255) }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.nat(chunks.length),
        async (changes, sent) => {
          const bytes = chunks.slice(0, sent).map((chunk) => Buffer.from(chunk));
          for (const { at, place, value } of changes)
            bytes[at]?.fill(value, place % bytes[at].length, (place % bytes[at].length) + 1);
          await replay(portOf(started), bytes);
        },
      ),
      { numRuns: 60 },
    );
    const client = connect(started.broker.connectionString);
    await client.createSender('incidents').sendMessages({ body: 'alive' });
    const receiver = client.createReceiver('incidents', { receiveMode: 'receiveAndDelete' });
    const bodies = (await receiver.receiveMessages(500, { maxWaitTimeInMs: 500 })).map(({ body }) => body);
    expect(bodies).toContain('alive');
  });

  /** The traffic of a client that uses most operations. */
  async function record(started: Started): Promise<Buffer[]> {
    const chunks: Buffer[] = [];
    const server = createServer((near) => {
      const far = openSocket(portOf(started), '127.0.0.1');
      near.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        far.write(chunk);
      });
      far.pipe(near);
      near.on('close', () => far.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = connect(started.broker.connectionString.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
    await client
      .createSender('incidents')
      .sendMessages([{ body: 1 }, { body: 2, applicationProperties: { a: 1 } }]);
    const receiver = client.createReceiver('incidents');
    const message = await receiveOne(receiver);
    await receiver.renewMessageLock(message);
    await receiver.abandonMessage(message, { again: true });
    await receiver.completeMessage(await receiveOne(receiver));
    await receiver.deadLetterMessage(await receiveOne(receiver));
    await receiver.peekMessages(1);
    await client.close();
    server.close();
    return chunks;
  }

  async function replay(port: number, chunks: readonly Buffer[]): Promise<void> {
    const socket = openSocket(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    for (const chunk of chunks) {
      if (socket.writable) socket.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    socket.destroy();
  }
});

describe('configuration', () => {
  test('a port in use is a clear error', async () => {
    const started = await startBroker();
    expect(await failure(openBrokerPort(portOf(started)))).toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining('is used by another program'),
    });
  });
});
