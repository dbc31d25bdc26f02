// Lays the app of a corpus out where it finds its packages: inside the repository, wherever the corpus itself lies.
import { cpSync, mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../../../dist', import.meta.url));

/** @returns the folder of the copy; it belongs to the caller, who removes it */
export function layOutApp(corpus) {
  mkdirSync(dist, { recursive: true });
  const app = realpathSync(mkdtempSync(join(dist, 'conformance-')));
  cpSync(join(corpus, 'app'), app, { recursive: true });
  return app;
}
