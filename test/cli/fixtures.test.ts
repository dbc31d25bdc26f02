/** Fixtures of both origins, as `responder validate`, `new` and `normalise` know them. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fixtureDirectory, fixtureNames } from '../../src/cli/fixture.js';
import { newFixture } from '../../src/cli/new/fixture.js';
import { checkFixtures } from '../../src/cli/validate-fixtures.js';
import { cli, temporaryDirectory } from './run-cli.js';

const DEFENDER = 'hijacked-supplier-thread';
const TENANT_ID = '00000000-0000-4000-8000-0000000000ac';
const KEY = `xdr:${TENANT_ID}/7405`;
const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** A copy of a fixture in which a text of one file is another. */
function changed(name: string, file: string, from: string, to: string): string {
  const copy = join(directory.path, `${basename(name)}-${copies++}`);
  mkdirSync(copy);
  for (const one of ['fixture.json', 'event.json', 'tenant.json', 'decisions.json']) {
    cpSync(join(fixtureDirectory(name), one), join(copy, one));
  }
  const text = readFileSync(join(copy, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(copy, file), text.replaceAll(from, to));
  return copy;
}
let copies = 0;

describe('responder validate', () => {
  it('checks all fixtures, and counts them', async () => {
    const { code, stdout } = await cli(['validate']);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${fixtureNames().length} fixtures`)]);
  });

  it.each([
    ['fixture.json', '"id": "7405"', '"id": "07405"', 'fixture-invalid', 'at origin: '],
    ['fixture.json', '"kind": "defender"', '"kind": "elsewhere"', 'fixture-invalid', 'at origin.kind: '],
    ['fixture.json', '"kind": "defender"', '"kind": "sentinel"', 'fixture-invalid', 'at origin'],
    ['fixture.json', TENANT_ID, 'fabrikam.com', 'fixture-invalid', 'at origin.tenantId: '],
    ['fixture.json', '"id": "7405"', '"id": "7406"', 'another-incident', KEY],
    ['event.json', '"id": "7405"', '"id": null', 'another-incident', KEY],
    ['decisions.json', 'Robin Keller', 'Robin Kelle', 'fixture-invalid', 'there is no analyst Robin Kelle'],
    ['decisions.json', 'entra.disable-user', 'entra.delete-user', 'fixture-invalid', 'at 1.actions.0'],
    [
      'tenant.json',
      '"status": "active"',
      '"status": "open"',
      'tenant-invalid',
      'securityIncidents[0].status',
    ],
  ])('refuses %s with %s as %s', (file, from, to, code, place) => {
    const copy = changed(DEFENDER, file, from, to);
    expect(checkFixtures([copy, fixtureDirectory(DEFENDER)])).toEqual([
      expect.objectContaining({ code, message: expect.stringContaining(place) }),
    ]);
  });

  it('exits with 2 if one is wrong', async () => {
    const copy = changed(DEFENDER, 'fixture.json', '"id": "7405"', '"id": "7406"');
    const { code, stdout } = await cli(['validate', copy]);
    expect([code, stdout]).toEqual([
      2,
      expect.stringMatching(/fixture\.json, xdr:.*7406: xdr:.*7405 .*\[another-incident\]/),
    ]);
  });
});

it('the event of a fixture is the incident of its origin, in full', async () => {
  const { code, stdout } = await cli(['normalise', join(fixtureDirectory(DEFENDER), 'event.json')]);
  expect(code).toBe(0);
  for (const line of [
    /form +graph-incident$/,
    new RegExp(`key +${KEY}$`),
    /alerts +5 \(full\)$/,
    /entities +27 \(full\)$/,
    // Each once, although several alerts have the same.
    /products +Microsoft Defender for Endpoint, Microsoft Defender for Office 365, Microsoft Entra ID Protection$/,
    /mailMessage +Re: Order 4711, changed delivery date \(malicious, 1 alert\)$/,
    /mailbox +Mira Sato/,
    /account +mira\.sato@fabrikam\.com/,
    /host +ws-buy-0311\.corp\.fabrikam\.com/,
    /file +order4711\.dll \(malicious, 2 alerts\)$/,
  ]) {
    expect(stdout).toMatch(new RegExp(line.source, 'm'));
  }
});

it('a new fixture begins as a copy of one of Defender', () => {
  const { files } = newFixture('payroll-fraud', DEFENDER, '.');
  expect(files.map(({ path }) => path)).toEqual(
    ['event', 'fixture', 'tenant', 'decisions'].map((file) => `fixtures/payroll-fraud/${file}.json`),
  );
  const about = files.find(({ path }) => path.endsWith('fixture.json'))?.text ?? '{}';
  expect(JSON.parse(about)).toMatchObject({ origin: { kind: 'defender', tenantId: TENANT_ID, id: '7405' } });
});
