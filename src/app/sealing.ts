import { createSealer } from '../approvals/index.js';
import type { Sealer } from '../domain/sealed.js';
import { readSigningKeys } from './config.js';

let built: Sealer | undefined;

/**
 * Seals what goes to orchestrations and entities, and opens it. Its keys are in this process only: an orchestration is
 * handed what it needs, and nothing of it goes into a history.
 */
export const sealer: Sealer = {
  seal: (content, about) => theSealer().seal(content, about),
  open: (raw, about) => theSealer().open(raw, about),
};

/** The settings are read when they are first needed: loading the app must not fail. */
function theSealer(): Sealer {
  built ??= createSealer(readSigningKeys());
  return built;
}
