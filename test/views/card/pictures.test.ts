/**
 * Renders every card state in a browser with the Adaptive Cards renderer, wide and as narrow as a small phone.
 * UPDATE_PICTURES=1 replaces the pictures in docs/pictures/cards.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../../browser/chromium.js';

const require = createRequire(import.meta.url);
const golden = fileURLToPath(new URL('golden/', import.meta.url));
const pictures = fileURLToPath(new URL('../../../docs/pictures/cards/', import.meta.url));
const scripts = ['adaptivecards/dist/adaptivecards.js', 'markdown-it/dist/markdown-it.min.js'].map((name) =>
  require.resolve(name),
);
const states = readdirSync(golden).map((name) => name.replace(/\.json$/, ''));

const PAGE = `<!doctype html><html lang="en"><head><title>card</title><meta charset="utf-8"><style>
body { margin: 0; background: #f5f5f5; font-family: "Segoe UI", "Liberation Sans", Arial, sans-serif; }
#card { margin: 12px; background: #fff; border-radius: 6px; box-shadow: 0 1px 4px #0003; overflow: hidden; }
button { font: inherit; padding: 6px 12px; margin: 2px 4px 2px 0; border: 1px solid #bbb; border-radius: 4px; background: #fff; }
input[type=text], textarea { width: 100%; box-sizing: border-box; font: inherit; }
</style></head><body><div id="card"></div></body></html>`;

/** Colours and sizes similar to those of Teams. */
const containerStyles = Object.fromEntries(
  Object.entries({
    default: '#ffffff',
    emphasis: '#f0f0f0',
    good: '#e7f4e4',
    attention: '#fbe9ea',
    warning: '#fdf3e1',
    accent: '#e9eafa',
  }).map(([name, backgroundColor]) => [name, { backgroundColor, borderColor: '#d8d8d8' }]),
);
const HOST = {
  fontFamily: 'inherit',
  fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 20 },
  spacing: { small: 4, default: 8, medium: 12, padding: 12 },
  textStyles: { heading: { size: 'medium', weight: 'bolder' } },
  containerStyles,
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function openPage(width: number): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width, height: 400 },
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  await page.setContent(PAGE);
  for (const path of scripts) await page.addScriptTag({ path });
  await page.evaluate(`AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdownit().render(text);
    result.didProcess = true;
  }`);
  return page;
}

async function show(page: Page, card: string, width: number): Promise<void> {
  // Like the phone clients: buttons below each other.
  const actions = { buttonSpacing: 8, actionsOrientation: width < 400 ? 'vertical' : 'horizontal' };
  await page.evaluate(`(() => {
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(${JSON.stringify({ ...HOST, actions })});
    // The parser's regular expression for languages is stateful and rejects every second use.
    for (let tries = 0; tries < 2; tries += 1) {
      const context = new AdaptiveCards.SerializationContext();
      card.parse(${card}, context);
      if (context.eventCount === 0) break;
    }
    document.getElementById('card').replaceChildren(card.render());
  })()`);
}

describe.each([
  ['wide', 720],
  ['narrow', 320],
] as const)('%s', (form, width) => {
  let page: Page;
  beforeAll(async () => {
    page = await openPage(width);
  });
  it.each(states)('%s can be read', async (state) => {
    await show(page, readFileSync(join(golden, `${state}.json`), 'utf8'), width);
    const seen = (await page.evaluate(`(() => ({
      overflow: document.documentElement.scrollWidth - innerWidth,
      links: document.querySelectorAll('#card a[href]').length,
      images: document.querySelectorAll('#card img').length,
      unlabelled: [...document.querySelectorAll('#card input, #card textarea')].filter(
        (input) => !input.getAttribute('aria-label') && !input.getAttribute('aria-labelledby') && !(input.labels && input.labels.length),
      ).length,
      headings: document.querySelectorAll('#card [role=heading]').length,
      text: document.getElementById('card').innerText,
    }))()`)) as Record<'overflow' | 'links' | 'images' | 'unlabelled' | 'headings', number> & {
      text: string;
    };
    expect(seen).toMatchObject({ links: 0, images: 0, unlabelled: 0 });
    expect(seen.overflow).toBeLessThanOrEqual(0);
    expect(seen.headings).toBeGreaterThan(0);
    expect(seen.text).not.toMatch(/\{\{(?:TIME|DATE\(2026-03)|undefined|\[object/);
    if (process.env.UPDATE_PICTURES === '1') {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${state}-${form}.png`), fullPage: true });
    }
  });
});
