/** The retry on the page of an incident, in a real browser: by keyboard, without scripts, on a phone and in the dark. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Responder } from '../app/responder.js';
import { launchChromium } from './chromium.js';
import { type Inspect, inspector } from './inspect.js';

const SLOW = 120_000;
let responder: Responder;
let browser: Browser;
let inspect: Inspect;

beforeAll(async () => {
  [responder, browser] = await Promise.all([
    Responder.start({
      // Without permissions, every response fails.
      change: (tenant) => {
        const { app } = tenant as unknown as { app: { permissions: Record<'graph' | 'defender', string[]> } };
        app.permissions.defender = app.permissions.defender.filter((name) => name !== 'Machine.Isolate');
        app.permissions.graph = app.permissions.graph.filter((name) => name !== 'User.RevokeSessions.All');
      },
    }),
    launchChromium(),
  ]);
  inspect = await inspector(browser, ['retry-light', 'retry-narrow-dark']);
}, SLOW);
afterAll(async () => {
  await browser?.close();
  await responder?.stop();
});

it(
  'chooses what is tried again, and leads to the new run',
  async () => {
    const request = await responder.asked(await responder.deliver());
    const { instanceId } = request;
    expect((await responder.decide(request)).json.code).toBe('approved');
    await responder.ended(instanceId);
    await responder.host.idle();
    responder.comeBack();

    const person = await browser.newContext({ javaScriptEnabled: false });
    const page = await person.newPage();
    await page.goto(`${responder.host.url}/sign-in?token=${responder.linkToken}`);
    await page.getByLabel('Robin Keller').check();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.goto(`${responder.host.url}/approvals/${instanceId}`);
    await inspect('retry', page);
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(2);
    const box = page.getByRole('checkbox', { name: /Revoke/ });
    await box.focus();
    await page.keyboard.press('Space');
    expect(await box.isChecked()).toBe(false);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toMatch(/Try again|Isolate/);
    await page.getByRole('button', { name: 'Try again' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/approvals/*?follow=1');
    const next = await responder.asked(instanceId);
    expect(next.approval.stepIds).toHaveLength(1);
    await page.goto(`${responder.host.url}/approvals/${instanceId}`);
    await inspect('tried-again', page);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(await page.getByText('requested a retry of Isolate the device').count()).toBe(1);

    // Without JavaScript or a choice, nothing is tried.
    await responder.decide(next, { kind: 'reject', reason: 'A test.' });
    await responder.ended(instanceId);
    await responder.host.idle();
    await page.goto(`${responder.host.url}/approvals/${instanceId}`);
    await inspect('left-out', page);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(1);
    await person.close();
  },
  SLOW,
);
