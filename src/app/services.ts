/** Builds what the app has, whatever the tenant, once, on first use. */
import { enrichments, responses } from '../actions/registry.generated.js';
import { ResponderError } from '../domain/errors.js';
import { type ActionCatalogue, catalogueOf } from '../playbook/index.js';
import { type AppConfig, readConfig } from './config.js';

export interface Services {
  readonly config: AppConfig;
  readonly catalogue: ActionCatalogue;
  /** The key for the form tokens of the pages. */
  readonly formSecret: string;
}

let built: Services | undefined;

/**
 * The app's services. Invalid settings make every call throw, including the first one at start-up.
 * @throws ResponderError `configuration`.
 */
export function services(): Services {
  built ??= build(readConfig());
  return built;
}

function build(config: AppConfig): Services {
  const [formSecret] = config.signingKeys;
  if (formSecret === undefined) throw keyMissing();
  const catalogue = catalogueOf([...enrichments, ...responses]);
  return { config, catalogue, formSecret };
}

/** Without a key, entities reject all messages of orchestrations, so incidents would be handled without a visible case file. */
function keyMissing(): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: 'No key is configured for sealing case files and signing decisions.',
    fault: 'caller',
    retry: 'no',
    place: 'APPROVALS_SIGNING_KEYS',
    next: 'Set APPROVALS_SIGNING_KEYS to a random secret of at least 32 characters.',
  });
}
