#!/usr/bin/env node
// What `npx responder` runs. It is part of the repository, so a build cannot take its right to be executed away.
import './check-node.mjs';
import { existsSync } from 'node:fs';

const program = new URL('../dist/src/cli/index.js', import.meta.url);
if (existsSync(program)) {
  // Without a top-level await, an old Node can parse this file and report its version.
  import(program.href);
} else {
  console.error('error [not-built]: The command line is not built.\n  next: npm ci && npm run build');
  process.exitCode = 2;
}
