/**
 * The approvals page in a real browser: usable without scripts, by keyboard, on a phone, in the dark, and clean for
 * axe-core in every state. With UPDATE_PICTURES=1 the pictures in docs/pictures/page are taken anew.
 */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Request, Responder, until } from '../app/responder.js';
import { launchChromium } from './chromium.js';
import { type Inspect, inspector } from './inspect.js';

const PICTURED = [
  'queue-light',
  'waiting-light',
  'waiting-dark',
  'waiting-narrow',
  'second-approver-narrow',
  'refused-narrow',
  'approved-light',
  'undo-light',
];
const SLOW = 120_000;

let responder: Responder;
let browser: Browser;
let inspect: Inspect;
/** What a person has: scripts are off, as the page promises to need none. */
let person: BrowserContext;
let analysts: Request;
let leads: Request;

beforeAll(async () => {
  [responder, browser] = await Promise.all([
    Responder.start({
      change: (tenant) => {
        // At high risk: then disabling the account is proposed, too, which takes two people.
        for (const user of tenant.users as { risk?: { riskLevel: string } }[]) {
          if (user.risk) user.risk.riskLevel = 'high';
        }
      },
    }),
    launchChromium(),
  ]);
  person = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1000, height: 800 } });
  inspect = await inspector(browser, PICTURED);
  const instanceId = await responder.deliver();
  [analysts, leads] = (await Promise.all(
    ['analysts', 'leads'].map((tier) => responder.asked(instanceId, tier)),
  )) as [Request, Request];
}, SLOW);
afterAll(async () => {
  await browser?.close();
  await responder?.stop();
});

async function open(path: string): Promise<Page> {
  const page = await person.newPage();
  await page.goto(`${responder.host.url}${path}`);
  return page;
}

async function become(name: string): Promise<void> {
  const page = await open('/sign-in/analyst');
  await page.getByLabel(name).check();
  await page.getByRole('button', { name: 'Continue as this analyst' }).click();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/pending/);
  await page.close();
}

it(
  'signs in by the link with the keyboard alone',
  async () => {
    const page = await open(`/sign-in?token=${responder.linkToken}`);
    await inspect('sign-in', page);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content');
    await page.getByLabel('Robin Keller').focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Sign in' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/approvals');
    expect(await page.getByText('Robin Keller').isVisible()).toBe(true);
    await inspect('queue', page);
    await page.goto(`${responder.host.url}/sign-in/analyst`);
    await inspect('analysts', page);
    await page.goto(`${responder.host.url}/sign-in?token=used`);
    await page.close();
  },
  SLOW,
);

it(
  'shows a request, and refuses an approval of nothing where it was made',
  async () => {
    const page = await open(`/approvals/${analysts.approval.id}`);
    await inspect('waiting', page);
    for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
    await page.getByLabel('Note for the audit (optional)').fill('looked at it');
    await page.getByRole('button', { name: 'Approve selected' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Decision refused');
    expect(await page.getByLabel('Note for the audit (optional)').inputValue()).toBe('looked at it');
    await inspect('refused', page);
    await page.close();
  },
  SLOW,
);

const box = async (of: Locator) => {
  const found = await of.boundingBox();
  if (found === null) throw new Error('It is not shown.');
  return { top: found.y, bottom: found.y + found.height };
};

it.each([
  ['a desk', 1280, 800],
  ['a phone', 390, 844],
])(
  'shows on the first screen of %s what is asked, who may approve it, and the decision bar, which covers nothing',
  async (_what, width, height) => {
    const page = await open(`/approvals/${analysts.approval.id}`);
    await page.setViewportSize({ width, height });
    const bar = page.getByRole('group', { name: 'Decision' });
    const approve = page.getByRole('button', { name: 'Approve selected' });
    for (const one of [page.getByRole('checkbox').first(), page.getByText('SOC Analysts').first(), approve])
      expect((await box(one)).bottom).toBeLessThanOrEqual(height);
    expect(await page.getByText('can be undone', { exact: true }).first().isVisible()).toBe(true);
    const { top, bottom } = await box(bar);
    expect((await box(page.locator('form').first())).bottom).toBeLessThanOrEqual(top);
    expect((await box(page.locator('.bar + *'))).top).toBeGreaterThanOrEqual(bottom);

    // While the page scrolls, the bar stays, and a link leads to a place below it.
    await page.getByRole('link', { name: 'Why, impact' }).first().click();
    const stuck = await box(bar);
    expect(stuck.top).toBeGreaterThanOrEqual(0);
    expect(stuck.bottom).toBeLessThanOrEqual(height);
    const about = await box(page.locator('#about-0'));
    expect(about.top).toBeGreaterThanOrEqual(stuck.bottom);
    expect(about.top).toBeLessThan(height);
    await page.close();
  },
  SLOW,
);

it(
  'prints everything but the forms',
  async () => {
    const page = await open(`/approvals/${analysts.approval.id}`);
    await page.emulateMedia({ media: 'print' });
    for (const shown of ['Microsoft Defender Antivirus tampering', 'device.onboardingStatus == "Onboarded"'])
      expect(await isPrinted(page, shown), shown).toBe(true);
    for (const control of await page.locator('button, textarea, summary.bad, nav').all())
      expect(await control.isVisible()).toBe(false);
    expect(await page.getByRole('checkbox').first().isVisible(), 'the selection is printed').toBe(true);
    await page.close();
  },
  SLOW,
);

/** Whether text inside folded parts has a place on paper. */
async function isPrinted(page: Page, text: string): Promise<boolean> {
  const place = await page.locator('details').getByText(text).first().boundingBox();
  return place !== null && place.height > 0;
}

it(
  'will not send a rejection without a reason',
  async () => {
    const page = await open(`/approvals/${analysts.approval.id}`);
    await page.getByText('Reject…').click();
    await page.getByRole('button', { name: 'Reject all' }).click();
    expect(page.url()).not.toContain('decision=');
    expect((await responder.request(analysts.approval.id)).approval.state).toBe('waiting');
    await page.close();
  },
  SLOW,
);

it(
  'gives more time',
  async () => {
    const page = await open(`/approvals/${analysts.approval.id}`);
    await page.getByText('More time…').click();
    await page.getByRole('button', { name: 'Ask for more time' }).click();
    await page.waitForURL(/decision=/);
    expect(await page.getByRole('status').first().textContent()).toContain('Decision accepted');
    await inspect('extended', page);
    await page.close();
  },
  SLOW,
);

it(
  'takes two people where policy wants four eyes, and shows the first to the second',
  async () => {
    await become('Kim Larsen');
    const first = await open(`/approvals/${leads.approval.id}`);
    for (const box of await first.getByRole('checkbox').all()) await box.check();
    await first.getByRole('button', { name: 'Approve selected' }).click();
    await first.waitForURL(/decision=/);
    expect(await first.locator('main').textContent()).toContain('1 of 2');
    await inspect('one-of-two', first);
    await first.getByRole('button', { name: 'Approve selected' }).click();
    expect(await first.getByRole('alert').textContent()).toContain('Decision refused');
    await inspect('same-person-again', first);
    await first.close();

    await become('Local analyst');
    const second = await open(`/approvals/${leads.approval.id}`);
    expect(await second.locator('main').textContent()).toContain('Kim Larsen approved');
    await inspect('second-approver', second);
    await second.getByRole('button', { name: 'Approve selected' }).click();
    await second.waitForURL(/decision=/);
    expect(await second.locator('main').textContent()).toContain('Decision accepted');
    await inspect('approved', second);
    await second.close();
  },
  SLOW,
);

it(
  'tells who was faster',
  async () => {
    const page = await open(`/approvals/${analysts.approval.id}`);
    await responder.decide(analysts, { kind: 'reject', reason: 'planned maintenance', by: 'Kim Larsen' });
    await page.getByRole('button', { name: 'Approve selected' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Decision refused');
    await inspect('already-decided', page);
    await page.goto(`${responder.host.url}/approvals/${analysts.approval.id}`);
    expect(await page.getByRole('status').textContent()).toContain('Kim Larsen (command line) rejected');
    await inspect('rejected', page);
    await page.close();
  },
  SLOW,
);

it(
  'shows the case, and an unknown address',
  async () => {
    const page = await open(`/approvals/${analysts.instanceId}`);
    await inspect('case', page);
    await page.goto(`${responder.host.url}/approvals/nothing`);
    await inspect('unknown', page);
    await page.close();
  },
  SLOW,
);

it(
  'runs into nothing that its own policy forbids',
  async () => {
    const context = await browser.newContext({ storageState: await person.storageState() });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('requestfailed', (request) => complaints.push(request.url()));
    for (const path of ['', `/${analysts.approval.id}`, `/${leads.approval.id}`, `/${analysts.instanceId}`]) {
      await page.goto(`${responder.host.url}/approvals${path}`);
      const font = await page.evaluate('getComputedStyle(document.body).fontFamily');
      expect(font).toContain('system-ui');
    }
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
    await context.close();
  },
  SLOW,
);

it(
  'shows what was done with its proof, and undoes it by a decision of its own',
  async () => {
    const own = await Responder.start({ comesBack: true });
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const instanceId = await own.deliver();
      const request = await own.asked(instanceId);
      await own.decide(request);
      own.leave();
      const page = await context.newPage();
      await page.goto(`${own.host.url}/sign-in?token=${own.linkToken}`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      const undoId = await until('the offer to undo', async () => {
        const file = await own.caseFile(instanceId);
        return file?.approvals.find(({ purpose, state }) => purpose === 'undo' && state === 'waiting')?.id;
      });
      await page.goto(`${own.host.url}/approvals/${request.approval.id}`);
      await inspect('done', page);
      await page.goto(`${own.host.url}/approvals/${undoId}`);
      await inspect('undo', page);
      expect(await page.getByRole('checkbox').first().isChecked(), 'its only step is preselected').toBe(true);
      await page.getByRole('button', { name: 'Undo selected' }).click();
      await page.waitForURL(/decision=/);
      expect(await page.getByRole('status').first().textContent()).toContain('Decision accepted');
      await inspect('undone', page);
      await page.goto(`${own.host.url}/approvals`);
      await inspect('nothing-waits', page);
    } finally {
      await context.close();
      await own.stop();
    }
  },
  SLOW,
);

it(
  'shows a request that expired without a decision',
  async () => {
    const own = await Responder.start({ nobodyIsThere: true });
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const file = await own.ended(await own.deliver());
      const page = await context.newPage();
      await page.goto(`${own.host.url}/sign-in?token=${own.linkToken}`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.goto(`${own.host.url}/approvals/${file.approvals[0]?.id}`);
      expect(await page.locator('main').textContent()).toContain('Expired without a decision');
      expect(await page.getByRole('button').count()).toBe(0);
      await inspect('expired', page);
    } finally {
      await context.close();
      await own.stop();
    }
  },
  SLOW,
);
