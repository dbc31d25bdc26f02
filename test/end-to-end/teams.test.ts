/**
 * `npm start -- --teams` as a person uses it: Microsoft's Teams client in a browser, the strict verifier in the way.
 * With UPDATE_PICTURES=1 the pictures that README and docs/teams.md show are taken anew.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import { type Running, startResponder, temporaryDirectory } from '../cli/run-cli.js';
import { isolationsIn, tenantOf } from './fixture.js';

const PICTURES = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const LONG = 120_000;

let browser: Browser;
let data: ReturnType<typeof temporaryDirectory>;
let responder: Running;
let page: Page;
let url: string;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  data = temporaryDirectory();
  responder = startResponder(data.path, '--teams', '--teams-port', '0');
  url = String((await responder.kind('teams-client')).url);
  page = await browser.newPage({ viewport: { width: 1280, height: 1150 }, timezoneId: 'UTC' });
  page.setDefaultTimeout(40_000);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.getByText('incidents', { exact: true }).first().click();
  await card('Approval needed');
}, LONG);
afterEach(async () => {
  await page.close();
  responder.child.kill('SIGINT');
  await responder.ended;
  data.remove();
}, LONG);

/** Waits until the card says it. */
async function card(text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
}

async function picture(name: string): Promise<void> {
  if (process.env.UPDATE_PICTURES !== '1') return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

describe('npm start -- --teams', () => {
  it(
    'shows the card; a person edits the selection and approves; it is carried out, proved and undone',
    async () => {
      await picture('teams-card');
      // The first is selected at first; the second cannot be undone, so a person must mean it.
      expect(await page.locator('input[type=checkbox]').first().isChecked()).toBe(true);
      await page.locator('input[type=checkbox]').nth(1).check();
      await page.getByRole('button', { name: 'Approve selected' }).click();
      await card('Approved by Local analyst (Teams)');
      await card('Done and proved');
      await picture('teams-done');
      await page.getByRole('button', { name: 'Undo…' }).click();
      await page.locator('input[type=checkbox]').first().check();
      await page.getByRole('button', { name: 'Undo selected' }).click();
      await card('Undone, proved');
      const state = await tenantOf(data.path);
      expect(isolationsIn(state)).toBe(1);
    },
    LONG,
  );

  it(
    'a rejection needs a reason',
    async () => {
      await page.getByRole('button', { name: 'Reject…' }).click();
      await page.getByRole('button', { name: 'Reject all of it' }).click();
      await card('A rejection needs a reason');
      await picture('teams-reject');
      await page.getByLabel(/Why is this rejected/).fill('A test of the backup team.');
      await page.getByRole('button', { name: 'Reject all of it' }).click();
      await card('Rejected by Local analyst (Teams)');
      await card('A test of the backup team.');
      expect(isolationsIn(await tenantOf(data.path))).toBe(0);
    },
    LONG,
  );
});
