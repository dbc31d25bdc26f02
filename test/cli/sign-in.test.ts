/** Sign-in to the page on a local machine, across restarts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, type Running, startResponder, temporaryDirectory } from './run-cli.js';

let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
const responders: Running[] = [];
afterEach(async () => {
  await Promise.all(responders.splice(0).map((responder) => responder.kill()));
  data.remove();
});

async function start(): Promise<{ responder: Running; url: string; link: string }> {
  const responder = startResponder(data.path, '--no-demo');
  responders.push(responder);
  const { url, signInLink } = await responder.kind('started');
  expect(signInLink).toContain(`${String(url)}/sign-in?token=`);
  return { responder, url: String(url), link: String(signInLink) };
}

/** Opens the link and presses its button. Returns the session cookie; undefined if the link was refused. */
async function signIn(link: string): Promise<string | undefined> {
  const { origin, pathname, searchParams } = new URL(link);
  const answer = await fetch(`${origin}${pathname}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin },
    body: new URLSearchParams({ token: searchParams.get('token') ?? '' }),
  });
  return answer.headers.get('set-cookie')?.split(';')[0];
}

/** A page that needs a session. */
async function page(url: string, cookie: string): Promise<number> {
  const answer = await fetch(`${url}/approvals`, { headers: { cookie }, redirect: 'manual' });
  await answer.text();
  return answer.status;
}

async function newLink(): Promise<string> {
  const { code, stdout } = await cli(['open', '--json', '--data-directory', data.path]);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { url: string }).url;
}

describe('the page on one’s own machine', () => {
  it('keeps its sessions over a restart, and refuses links of an earlier start', async () => {
    const first = await start();
    const cookie = (await signIn(first.link)) ?? '';
    const unused = await newLink();
    await first.responder.kill();

    const second = await start();
    expect(await page(second.url, cookie)).toBe(200);
    const moved = (link: string) => `${second.url}${new URL(link).pathname}${new URL(link).search}`;
    expect(await signIn(moved(first.link))).toBeUndefined();
    expect(await signIn(moved(unused))).toBeUndefined();
  }, 60_000);

  it('is reached by a new link at any time, each of which works once', async () => {
    const { url, link } = await start();
    for (const one of [link, await newLink(), await newLink()]) {
      expect(await page(url, (await signIn(one)) ?? '')).toBe(200);
      expect(await signIn(one)).toBeUndefined();
    }
  }, 60_000);

  it('is where / leads, which says how to sign in', async () => {
    const { url } = await start();
    const answer = await fetch(url);
    expect([answer.status, answer.url]).toEqual([401, `${url}/approvals`]);
    expect(await answer.text()).toContain('npx responder open');
  }, 60_000);

  it('makes no link where no responder runs', async () => {
    const ended = await cli(['open', '--data-directory', data.path]);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('[not-running]') as string });
  });
});
