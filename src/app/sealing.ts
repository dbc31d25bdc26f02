import { createSealer } from '../approvals/index.js';
import type { Sealer } from '../domain/sealed.js';
import { readSigningKeys } from './config.js';

let built: Sealer | undefined;

/**
 * Seals messages to orchestrations and entities (authenticates them with a MAC), and opens them. The keys stay in this
 * process and never go into a history: orchestrator code receives only the functions that it needs.
 */
export const sealer: Sealer = {
  seal: (content, about) => theSealer().seal(content, about),
  open: (raw, about) => theSealer().open(raw, about),
};

/** Reads the settings on first use, because loading the app must not fail. */
function theSealer(): Sealer {
  built ??= createSealer(readSigningKeys());
  return built;
}
