#!/usr/bin/env node
// What `npm start` and `npx responder` run: says at once that it starts, builds what has changed, and runs the command line.
import { existsSync } from 'node:fs';

const builder = new URL('../scripts/build.mjs', import.meta.url);
if (existsSync(builder)) {
  const { build } = await import(builder.href);
  await build((text) => console.error(text));
}
await import(new URL('../dist/src/cli/index.js', import.meta.url).href);
