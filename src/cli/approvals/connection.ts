/** The responder that a command connects to, and the user that it acts as. */
import { ResponderApi } from '../approvals-api.js';
import { type RunningResponder, readRunning } from '../data-directory.js';
import { CliError } from '../problem.js';
import { signInToken, signInTokenOf } from '../sign-in.js';
import { stripControl } from '../strip-control.js';

type Analyst = RunningResponder['analysts'][number];

export interface CommonOptions {
  readonly dataDirectory: string;
  readonly url?: string;
  readonly as?: string;
  readonly json?: boolean;
}

const TOKEN_HELP =
  'Set RESPONDER_TOKEN: az account get-access-token --scope api://<client id>/Approvals.Decide --query accessToken -o tsv';

/** @throws what `addressOf` throws. */
export function connect(options: CommonOptions): ResponderApi {
  const { url, token } = addressOf(options);
  return new ResponderApi(url, token);
}

/** @throws CliError `not-running`, `usage`, `no-token`, `unknown-analyst`, `ambiguous-analyst`. */
export function addressOf({ dataDirectory, url, as }: CommonOptions): {
  readonly url: string;
  readonly token: string;
} {
  if (url !== undefined) {
    if (as !== undefined)
      throw new CliError(
        'usage',
        '--as works with the simulated tenant only; with --url, your access token names you.',
      );
    return { url: originOf(url), token: tokenOfEnvironment() };
  }
  const { running, secret } = readRunning(dataDirectory);
  if (as === undefined) return { url: running.url, token: signInToken(secret) };
  const analyst = findAnalyst(running.analysts, as);
  return { url: running.url, token: signInTokenOf(secret, analyst.id) };
}

/**
 * The analyst with this id or name, or else the only one whose name has this part; in any case.
 * @throws CliError `ambiguous-analyst`, `unknown-analyst`.
 */
export function findAnalyst(analysts: RunningResponder['analysts'], as: string): Analyst {
  const wanted = as.trim().toLowerCase();
  const exact = analysts.filter(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  const partly = analysts.filter(({ name }) => wanted !== '' && name.toLowerCase().includes(wanted));
  const found = exact.length > 0 ? exact : partly;
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const names = found.length > 0 ? found : analysts;
  throw new CliError(
    only === undefined ? 'unknown-analyst' : 'ambiguous-analyst',
    only === undefined
      ? `There is no analyst ${stripControl(as)}.`
      : `${found.length} analysts could be meant by ${stripControl(as)}.`,
    `Name one of: ${names.map(({ name, id }) => (exact.length > 1 ? `${name} (${id})` : name)).join(', ') || 'none'}.`,
  );
}

function tokenOfEnvironment(): string {
  const token = process.env.RESPONDER_TOKEN?.trim();
  if (token) return token;
  throw new CliError('no-token', 'A remote responder needs your access token.', TOKEN_HELP);
}

/** A token is only sent over an encrypted connection, or to this machine. */
function originOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLocal = url !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (isLocal && url.protocol === 'http:')) return url.origin;
  throw new CliError(
    'usage',
    `--url ${address} is not an https address.`,
    'Use https://<name>.azurewebsites.net',
  );
}
