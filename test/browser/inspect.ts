/** Looks at a page as it now is, wide and narrow, light and dark: axe-core, the width, and pictures. */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const pictures = fileURLToPath(new URL('../../docs/pictures/page/', import.meta.url));
/** What is below it is in the page, and needs no picture. */
const HIGHEST = 1800;
/** Of a small phone. */
const NARROW = 320;
const FORMS = [
  ['light', { viewport: { width: 1000, height: 800 }, colorScheme: 'light' }],
  ['dark', { viewport: { width: 1000, height: 800 }, colorScheme: 'dark' }],
  ['narrow', { viewport: { width: NARROW, height: 800 }, colorScheme: 'light' }],
  ['narrow-dark', { viewport: { width: NARROW, height: 800 }, colorScheme: 'dark' }],
] as const;
/** Between them they have both widths and both colour schemes, and axe-core is slow. */
const CHECKED_BY_AXE: readonly string[] = ['light', 'narrow-dark'];

export type Inspect = (state: string, page: Page) => Promise<void>;

/** @param pictured states and forms whose pictures UPDATE_PICTURES=1 takes */
export async function inspector(browser: Browser, pictured: readonly string[]): Promise<Inspect> {
  /** One browser window for each form that a page is looked at in. */
  const copies = await Promise.all(
    FORMS.map(async ([form, options]) => {
      const context = await browser.newContext({ ...options, bypassCSP: true });
      return [form, await context.newPage()] as const;
    }),
  );
  // What is on it is what the person's own browser showed. Scripts run here for axe alone, which the page's policy would keep out.
  return async (state, page) => {
    const [content, url] = [await page.content(), page.url().replace(/[?#].*/, '')];
    for (const [form, copy] of copies) {
      await copy.unrouteAll();
      await copy.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: content }));
      await copy.goto(url);
      if (CHECKED_BY_AXE.includes(form)) expect(await violationsOn(copy), `${state}, ${form}`).toEqual([]);
      const overflow = await copy.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(overflow, `${state}, ${form}: wider than the screen`).toBe(0);
      if (process.env.UPDATE_PICTURES === '1' && pictured.includes(`${state}-${form}`)) {
        mkdirSync(pictures, { recursive: true });
        const height = Number(await copy.evaluate('document.documentElement.scrollHeight'));
        const width = copy.viewportSize()?.width ?? NARROW;
        await copy.setViewportSize({ width, height: Math.min(height, HIGHEST) });
        await copy.screenshot({ path: join(pictures, `${state}-${form}.png`) });
        await copy.setViewportSize({ width, height: 800 });
      }
    }
  };
}

async function violationsOn(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axeScript });
  const run = "axe.run({ resultTypes: ['violations'] })";
  const { violations } = (await page.evaluate(run)) as axe.AxeResults;
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}
