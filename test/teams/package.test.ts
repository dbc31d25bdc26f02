import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/teams-package.mjs', import.meta.url));
const run = promisify(execFile);
const BOT = '00000000-0000-4000-8000-00000000C11E';
const URL_OF_IT = 'https://responder.contoso.com/';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'teams-package-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const build = async (name: string, ...more: string[]): Promise<Buffer> => {
  const out = join(folder, name);
  await run(process.execPath, [script, '--out', out, ...more]);
  return readFileSync(out);
};

/** Reads a ZIP by its directory, as whoever unpacks it does. */
function unzip(bytes: Buffer): Map<string, Buffer> {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i += 1) {
    expect(bytes.toString('latin1', at, at + 4)).toBe('PK\x01\x02');
    const [sum, size, nameLength] = [
      bytes.readUInt32LE(at + 16),
      bytes.readUInt32LE(at + 24),
      bytes.readUInt16LE(at + 28),
    ];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    expect(bytes.toString('latin1', local, local + 4)).toBe('PK\x03\x04');
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + size);
    expect(crc32(data)).toBe(sum);
    files.set(name, data);
    at += 46 + nameLength;
  }
  return files;
}

/** Size and pixels (RGBA) of a PNG without filters. */
function png(bytes: Buffer | undefined): { size: number; pixels: number[][] } {
  if (bytes === undefined) throw new Error('missing');
  const size = bytes.readUInt32BE(16);
  expect(bytes.readUInt32BE(20)).toBe(size);
  const rows = inflateSync(bytes.subarray(bytes.indexOf('IDAT') + 4, bytes.indexOf('IEND') - 8));
  const pixels = Array.from({ length: size * size }, (_, i) => {
    const start = Math.floor(i / size) * (size * 4 + 1) + 1 + (i % size) * 4;
    return [...rows.subarray(start, start + 4)];
  });
  return { size, pixels };
}

describe('the app for Teams', () => {
  it('holds a manifest for this bot and two icons of the right kind', async () => {
    const files = unzip(await build('a.zip', '--bot-id', BOT, '--url', URL_OF_IT));
    expect([...files.keys()]).toEqual(['manifest.json', 'color.png', 'outline.png']);
    const manifest = JSON.parse(String(files.get('manifest.json'))) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      id: BOT.toLowerCase(),
      bots: [{ botId: BOT.toLowerCase(), scopes: ['team'] }],
      developer: { websiteUrl: 'https://responder.contoso.com/approvals' },
      validDomains: [],
    });
    expect(JSON.stringify(manifest)).not.toMatch(/\{\{|permissions|authorization/);
    expect(png(files.get('color.png')).size).toBe(192);
    const outline = png(files.get('outline.png'));
    expect(outline.size).toBe(32);
    expect(outline.pixels.every(([r, g, b]) => r === 255 && g === 255 && b === 255)).toBe(true);
    const opaque = outline.pixels.filter(([, , , alpha = 0]) => alpha > 128).length;
    expect(opaque).toBeGreaterThan(100);
    expect(opaque).toBeLessThan(600);
  });

  it('is the same bytes every time', async () => {
    const args = ['--bot-id', BOT, '--url', URL_OF_IT];
    expect((await build('b.zip', ...args)).equals(await build('c.zip', ...args))).toBe(true);
  });

  it.each([
    ['without a bot', ['--url', URL_OF_IT], '--bot-id and --url are needed'],
    ['for something that is no GUID', ['--bot-id', 'bot', '--url', URL_OF_IT], 'id: Invalid GUID'],
    ['for an address without TLS', ['--bot-id', BOT, '--url', 'http://contoso.com'], 'developer.websiteUrl'],
    ['with an unknown option', ['--skip-auth'], 'skip-auth'],
  ])('is not built %s', async (_, args, text) => {
    await expect(build('d.zip', ...args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(text) as unknown,
    });
  });
});
