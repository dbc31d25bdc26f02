/**
 * `npm start -- --teams` as a user sees it: Microsoft's Teams client in a browser, with the strict verifier in between.
 * With UPDATE_PICTURES=1 it takes the pictures of README and docs/teams.md again.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { startSimulator } from 'tenant-simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import { type Running, startResponder, temporaryDirectory } from '../cli/run-cli.js';
import { isolationsIn, tenant, tenantOf } from './fixture.js';

const PICTURES = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const CHANNEL = '19:0000000000000000000000000000c001@thread.tacv2';
const NOOR = '00000000-0000-4000-8000-00000000a105';
const LOCAL = '00000000-0000-4000-8000-00000000a101';
const KIM = '00000000-0000-4000-8000-00000000a104';
const LONG = 240_000;

let browser: Browser;
let data: ReturnType<typeof temporaryDirectory>;
let responder: Running;
let page: Page;
let url: string;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(() => {
  data = temporaryDirectory();
});

async function stop(): Promise<void> {
  responder.child.kill('SIGINT');
  await responder.ended;
}

/** Starts the responder and opens the channel. */
async function open(): Promise<void> {
  responder = startResponder(data.path, '--teams', '--teams-port', '0');
  await openChannel();
}

async function openChannel(): Promise<void> {
  url = String((await responder.kind('teams-client')).url);
  page = await browser.newPage({ viewport: { width: 1280, height: 1150 }, timezoneId: 'UTC' });
  posts = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => keepPost(String(payload)));
  });
  page.setDefaultTimeout(40_000);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await choose('incidents');
  // A card that could not be posted while the host stopped is posted again after a pause.
  await page.getByText('Approval needed').first().waitFor({ timeout: 100_000 });
}

const choose = (channel: string) => page.getByText(channel, { exact: true }).first().click();

afterEach(async () => {
  await page.close();
  await stop();
  data.remove();
}, LONG);

/** Policy then requires two people to disable the user: the state in the folder overrides the fixture. */
async function putAtHighRisk(): Promise<void> {
  const changed = structuredClone(tenant) as { users: { risk?: { riskLevel: string } }[] };
  for (const { risk } of changed.users) if (risk !== undefined) risk.riskLevel = 'high';
  const simulator = await startSimulator({
    tenant: changed,
    stateDirectory: join(data.path, 'tenant'),
    clock: { now: () => Date.now() },
  });
  await simulator.stop();
}

/** Waits until the card shows the text. */
async function card(text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
}

/** Undoes the first step. The client closes an open form where the card is updated meanwhile: then it is opened again. */
async function undoFirst(): Promise<void> {
  const timeout = 10_000;
  for (let attempt = 1; ; attempt++) {
    try {
      await page.getByRole('button', { name: 'Undo…' }).click({ timeout });
      await page.locator('input[type=checkbox]').first().check({ timeout });
      await page.getByRole('button', { name: 'Undo selected' }).click({ timeout });
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

interface Post {
  readonly messageId: string;
  readonly attachments: readonly { readonly content: { readonly actions: readonly Button[] } }[];
}
interface Button {
  readonly verb?: string;
  readonly data?: object;
}
/** The texts that the client received, in order. */
let posts: Post[] = [];

function keepPost(frame: string): void {
  const { action, message } = JSON.parse(frame) as { action?: string; message?: Post };
  if (action === 'createMessage' && message?.attachments?.[0] !== undefined) posts.push(message);
}

/** Clicks on a tier's card as another person, through the client and without a second browser. */
async function approveAs(person: string, tier: string): Promise<string> {
  const post = posts.find(({ attachments }) => JSON.stringify(attachments).includes(`.${tier}"`));
  const button = post?.attachments[0]?.content.actions.find(({ verb }) => verb === 'sentinel.approve');
  if (post === undefined || button === undefined) throw new Error(`no card of the tier ${tier}`);
  const answer = await fetch(`${url}/_conversation/v1/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'adaptiveCard/action',
      from: { id: `29:${person}` },
      conversation: { id: `${CHANNEL};messageid=${post.messageId}` },
      replyToId: post.messageId,
      value: {
        action: {
          type: 'Action.Execute',
          verb: 'sentinel.approve',
          data: { ...button.data, selection: '0' },
        },
      },
    }),
  });
  return (await answer.text()).replaceAll('\\\\', '');
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
      await open();
      await picture('teams-card');
      // The first is preselected; the second is irreversible, so the user must select it.
      expect(await page.locator('input[type=checkbox]').first().isChecked()).toBe(true);
      await page.locator('input[type=checkbox]').nth(1).check();
      await page.getByRole('button', { name: 'Approve selected' }).click();
      await card('Approved by Local analyst (Teams)');
      await card('Done and proved');
      await picture('teams-done');
      await undoFirst();
      await card('the undo is proved');
      const state = await tenantOf(data.path);
      expect(isolationsIn(state)).toBe(1);
    },
    LONG,
  );

  it(
    'a page that is opened late, left or reloaded shows the current card, and accepts a click on it',
    async () => {
      responder = startResponder(data.path);
      await responder.kind('waiting');
      await stop();
      await open();
      await choose('General');
      await choose('incidents');
      await page.reload();
      await choose('incidents');
      await card('Approval needed');
      expect(await page.getByText('Approval needed').count()).toBe(1);
      await page.getByRole('button', { name: 'Approve selected' }).click();
      await card('Done and proved');
      await page.reload();
      await choose('incidents');
      await card('Done and proved');
      await page.getByRole('button', { name: 'Undo…' }).waitFor();
      expect(isolationsIn(await tenantOf(data.path))).toBe(1);
    },
    LONG,
  );

  it(
    'a rejection needs a reason',
    async () => {
      await open();
      await page.getByRole('button', { name: 'Reject…' }).click();
      await page.getByRole('button', { name: 'Reject all' }).click();
      await card('A rejection needs a reason');
      await picture('teams-reject');
      await page.getByLabel(/Why is this rejected/).fill('A test of the backup team.');
      await page.getByRole('button', { name: 'Reject all' }).click();
      await card('Rejected by Local analyst (Teams)');
      await card('A test of the backup team.');
      expect(isolationsIn(await tenantOf(data.path))).toBe(0);
    },
    LONG,
  );

  it(
    'four eyes: no one alone, and no one who is not an approver, but two of the leads',
    async () => {
      await putAtHighRisk();
      await open();
      await page.getByText('Tier leads').first().waitFor();
      expect(await approveAs(NOOR, 'leads')).toContain('Decision refused');
      expect(await approveAs(LOCAL, 'leads')).toContain('1 of 2 approved');
      await card('1 of 2 approved');
      expect(await approveAs(LOCAL, 'leads')).toContain('Decision refused');
      expect(await approveAs('00000000-0000-4000-8000-00000000dead', 'leads')).toContain('UserNotFound');
      expect(await approveAs(KIM, 'leads')).not.toContain('Decision refused');
      await card('Approved by Local analyst (Teams), Kim Larsen (Teams)');
      await card('Done and proved');
      const { users } = await tenantOf(data.path);
      expect(users.filter(({ accountEnabled }) => !accountEnabled)).toHaveLength(1);
    },
    LONG,
  );
});
