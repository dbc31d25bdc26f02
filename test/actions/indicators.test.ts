/** What is blocked on all devices, for how long, and whose indicators are left as they are. */
import type { TenantState } from 'tenant-simulator';
import { describe, expect, it } from 'vitest';
import blockAddress from '../../src/actions/defender/block-address.js';
import blockDomain from '../../src/actions/defender/block-domain.js';
import blockFile from '../../src/actions/defender/block-file.js';
import blockUrl from '../../src/actions/defender/block-url.js';
import type { Response } from '../../src/actions/define.js';
import { canonicalDomain, canonicalUrl } from '../../src/actions/internet-names.js';
import {
  confirmResponse,
  confirmUndo,
  resolveTarget,
  runResponse,
  undoResponse,
} from '../../src/actions/run.js';
import { relianceKey } from '../../src/domain/reliance.js';
import { tenantIdSchema } from '../../src/domain/tenant-id.js';
import { type Contoso, DEFENDER, failing, SHA1, SHA256, START, TENANT, withContoso } from './contoso.js';

const input = { type: 'DomainName', value: 'evil.fabrikam.com' };
const DAY_MS = 86_400_000;
const UNTIL = new Date(START + 7 * DAY_MS).toISOString();
type Indicator = TenantState['indicators'][number];

const context = (contoso: Contoso, incident = 'evil', action: Response = blockDomain) =>
  contoso.context(action.name, incident);
const run = (contoso: Contoso, incident?: string) =>
  runResponse(blockDomain, input, context(contoso, incident));
async function outputOf(contoso: Contoso, incident?: string): Promise<unknown> {
  const result = await run(contoso, incident);
  if (!result.ok) throw new Error(result.error.message);
  return result.value.output;
}
const confirm = (contoso: Contoso, output: unknown) =>
  confirmResponse(blockDomain, input, output, context(contoso));
const undo = (contoso: Contoso, output: unknown, others: readonly unknown[] = []) =>
  undoResponse(blockDomain, input, output, context(contoso), others);
const theirs = (more: Partial<Indicator>): Indicator => ({
  id: '7',
  indicatorType: 'DomainName',
  indicatorValue: 'evil.fabrikam.com',
  action: 'Block',
  title: 'by hand',
  description: 'by hand',
  expirationTime: null,
  rbacGroupNames: [],
  createdBy: 'lee@contoso.com',
  createdBySource: 'lee@contoso.com',
  ...more,
});

describe.concurrent('a block', () => {
  it('ends by itself, and says so', () =>
    withContoso([], async (contoso) => {
      const output = await outputOf(contoso);
      expect(contoso.state().indicators).toMatchObject([{ action: 'Block', expirationTime: UNTIL }]);
      expect(await confirm(contoso, output)).toMatchObject({
        value: {
          state: 'confirmed',
          proof: expect.stringMatching(/on all devices, until 2026-03-17.*two days/),
        },
      });
      contoso.clock.advance((7 * DAY_MS) / 1000);
      expect(await confirm(contoso, output)).toMatchObject({
        value: { state: 'failed', reason: expect.stringContaining(`at ${UNTIL}, as was approved`) },
      });
      expect(await undo(contoso, output)).toMatchObject({ value: { state: 'already-done' } });
      expect(contoso.writes()).toHaveLength(1);
    }));

  it.each<[string, Partial<Indicator>]>([
    ['allows it', { action: 'Allowed' }],
    ['only audits it', { action: 'Audit' }],
    ['warns of it', { action: 'Warn' }],
    ['blocks it on some devices', { rbacGroupNames: ['servers'] }],
    ['ends earlier', { expirationTime: new Date(START + DAY_MS).toISOString() }],
  ])('is left to an analyst where an indicator of somebody else %s', (_what, more) =>
    withContoso([], async (contoso) => {
      contoso.change((state) => void state.indicators.push(theirs(more)));
      const before = contoso.state().indicators;
      expect(await run(contoso)).toMatchObject({
        ok: false,
        error: { code: 'other-indicator', message: expect.stringContaining('created by lee@contoso.com') },
      });
      expect(contoso.state().indicators).toEqual(before);
      expect(contoso.writes()).toEqual([]);
    }),
  );

  it('is already done by an indicator of somebody else that blocks at least as much, and names them', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => void state.indicators.push(theirs({})));
      const result = await run(contoso);
      expect(result).toMatchObject({ value: { state: 'already-done', output: { initiatedByUs: false } } });
      const output = result.ok ? result.value.output : undefined;
      expect(await confirm(contoso, output)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('created by lee@contoso.com') },
      });
      expect(await undo(contoso, output)).toMatchObject({ value: { state: 'not-ours' } });
      expect(contoso.writes()).toEqual([]);
    }));

  it.each<[string, Partial<Indicator>]>([
    ['moved its end', { expirationTime: new Date(START + 90 * DAY_MS).toISOString() }],
    ['written it again', { description: 'Keep it.' }],
  ])('is not ended where somebody has %s since', (_what, change) =>
    withContoso([], async (contoso) => {
      const output = await outputOf(contoso);
      contoso.change((state) => void Object.assign(state.indicators[0] ?? {}, change));
      expect(await undo(contoso, output)).toMatchObject({ value: { state: 'not-ours' } });
      expect(contoso.state().indicators).toHaveLength(1);
    }),
  );

  it('is ended for an earlier incident that no longer relies on it', () =>
    withContoso([], async (contoso) => {
      const first = await outputOf(contoso, 'another incident');
      const output = await outputOf(contoso);
      expect(output).toMatchObject({ initiatedByUs: false });
      expect(await undo(contoso, output)).toMatchObject({ value: { state: 'not-ours' } });
      expect(await undo(contoso, output, [first])).toMatchObject({ value: { state: 'requested' } });
      expect(await confirmUndo(blockDomain, input, output, context(contoso), [first])).toMatchObject({
        value: { state: 'confirmed' },
      });
      expect(contoso.state().indicators).toEqual([]);
    }));

  it.each([[{ kind: 'reset', after: 'effect' } as const], [{ kind: 'status', status: 404 } as const]])(
    'is ended once where the deletion was answered with %o',
    (answer) =>
      withContoso([failing(DEFENDER, /indicators\/\d+$/, answer, 'DELETE', 1)], async (contoso) => {
        const output = await outputOf(contoso);
        expect(await undo(contoso, output)).toMatchObject({ value: { state: 'requested' } });
        expect(contoso.writes().filter((write) => write.startsWith('DELETE'))).toHaveLength(1);
      }),
  );

  it('is refused with what to do where there are 15,000 already', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => {
        for (let i = 0; i < 15_000; i += 1) {
          state.indicators.push(theirs({ id: String(i + 1), indicatorValue: `d${i}.fabrikam.com` }));
        }
      });
      expect(await run(contoso)).toMatchObject({
        ok: false,
        error: { code: 'invalid-request', retry: 'no', next: expect.stringContaining('15,000') },
      });
    }));
});

describe.concurrent('what may be blocked', () => {
  const target = (contoso: Contoso, action: Response, query: unknown) =>
    resolveTarget(action, query, context(contoso, 'evil', action));

  it('is not a whole domain of the cloud that devices need, but a URL there', () =>
    withContoso([], async (contoso) => {
      const refused = { value: { ok: false, code: 'unsupported-target' } };
      expect(await target(contoso, blockDomain, { text: 'login.MicrosoftOnline.com.' })).toMatchObject(
        refused,
      );
      expect(await target(contoso, blockUrl, { text: 'https://x.sharepoint.com/#a' })).toMatchObject(refused);
      expect(await target(contoso, blockUrl, { text: 'https://x.sharepoint.com/bad.docx' })).toMatchObject({
        value: { ok: true, input: { type: 'Url', value: 'https://x.sharepoint.com/bad.docx' } },
      });
      expect(await target(contoso, blockDomain, { text: 'notmicrosoft.com' })).toMatchObject({
        value: { ok: true },
      });
    }));

  it('is a file by its strongest hash, unless Microsoft has signed it, also after the approval', () =>
    withContoso([], async (contoso) => {
      const query = { hashes: [{ algorithm: 'sha1', value: SHA1 }] };
      const file = { type: 'FileSha256', value: SHA256 };
      expect(await target(contoso, blockFile, query)).toMatchObject({ value: { ok: true, input: file } });
      contoso.change((state) => {
        for (const one of state.files) one.signer = 'Microsoft Windows';
      });
      // The signature is not valid.
      expect(await target(contoso, blockFile, query)).toMatchObject({ value: { ok: true } });
      contoso.change((state) => {
        for (const one of state.files)
          Object.assign(one, { isValidCertificate: true, signer: 'Microsoft Windows' });
      });
      expect(await target(contoso, blockFile, query)).toMatchObject({
        value: {
          ok: false,
          code: 'unsupported-target',
          reason: expect.stringContaining('signed by Microsoft'),
        },
      });
      expect(await runResponse(blockFile, file, context(contoso, 'evil', blockFile))).toMatchObject({
        ok: false,
        error: { code: 'unsupported-target' },
      });
      expect(contoso.writes()).toEqual([]);
    }));

  it('is a public address', () => {
    const address = { kind: 'ip', key: 'ip:10.0.0.7', display: '10.0.0.7', identity: 'strong' } as const;
    const { resolver } = blockAddress.target ?? {};
    expect(resolver?.identify({ ...address, address: '10.0.0.7', scope: 'private' } as never)).toMatchObject({
      ok: false,
      code: 'unsupported-target',
    });
  });

  it.each([
    ['Evil.Fabrikam.COM.', 'evil.fabrikam.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['com', undefined],
    ['203.0.113.7', undefined],
    ['*.fabrikam.com', undefined],
    ['a b.com', undefined],
    ['fabrikam.com/x', undefined],
    ['user@fabrikam.com', undefined],
    ["x' or '1' eq '1", undefined],
  ])('reads %s as the domain %s', (text, domain) => expect(canonicalDomain(text)).toBe(domain));

  it.each([
    ['HTTPS://Evil.Fabrikam.com:443/A?b#c', 'https://evil.fabrikam.com/A?b'],
    ['evil.fabrikam.com/a', undefined],
    ['javascript:alert(1)', undefined],
    ['https://user:word@evil.fabrikam.com/', undefined],
    ['https://user@evil.fabrikam.com/', undefined],
    ['https://:word@evil.fabrikam.com/', undefined],
    ['https://203.0.113.7/a', undefined],
    ['https://evil.fabrikam.com\\@contoso.com/', undefined],
    [`https://evil.fabrikam.com/${'a'.repeat(2_000)}`, undefined],
  ])('reads %s as the URL %s', (text, url) => expect(canonicalUrl(text)).toBe(url));

  it('has a key of an entity, however long its text is', () =>
    withContoso([], async (contoso) => {
      const long = `https://evil.fabrikam.com/${'a'.repeat(500)}?#`;
      const found = await target(contoso, blockUrl, { text: long });
      if (!found.ok || !found.value.ok) throw new Error('it was refused');
      const { record } = found.value;
      for (const id of [record.ids.key ?? record.id, SHA256, '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff']) {
        const key = `@reliance@${relianceKey(tenantIdSchema.parse(TENANT), 'indicator', id)}`;
        expect(key).toMatch(/^[^/\\#?]{1,100}$/);
      }
    }));
});
