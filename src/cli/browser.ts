/** Opens links in the user's browser. */
import { spawn } from 'node:child_process';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** @param onFailure called if there is no browser, or if it does not start. */
export function openBrowser(link: string, onFailure: () => void): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  let failed = false;
  const fail = (): void => {
    if (!failed) onFailure();
    failed = true;
  };
  const child = spawn(program, [...args, link], { detached: true, stdio: 'ignore' });
  child.on('error', fail).on('exit', (code) => {
    if (code !== 0) fail();
  });
  child.unref();
}
