#!/usr/bin/env node
// What `npm start` and `npx responder` run: builds what has changed, and says so at once, then runs the command line.
import './check-node.mjs';
import { existsSync } from 'node:fs';

// Without a top-level await, an old Node can parse this file and report its version.
const builder = new URL('../scripts/build.mjs', import.meta.url);
const built = existsSync(builder)
  ? import(builder.href).then(({ build }) => build((text) => console.error(text)))
  : Promise.resolve();
built.then(
  () => import(new URL('../dist/cli/index.js', import.meta.url).href),
  (error) => {
    const missing = error.code === 'ERR_MODULE_NOT_FOUND';
    console.error(
      missing
        ? 'error [not-installed]: The libraries are not installed.\n  next: npm ci'
        : `error [not-built]: ${error.message}\n  next: npm run typecheck`,
    );
    process.exitCode = 2;
  },
);
