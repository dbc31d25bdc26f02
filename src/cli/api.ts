/** A client of the app's HTTP API for the command line. */
import { z } from 'zod';
import { exitCodes } from './exit-codes.js';
import { CliError, messageOf } from './problem.js';

const problemSchema = z.object({ code: z.string(), detail: z.string(), next: z.string().optional() });

export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
  readonly etag: string | undefined;
}
type Headers = Readonly<Record<string, string>>;

/** HTTP codes of a valid but refused decision; scripts distinguish it from invalid input by the exit code. */
const REFUSED: readonly number[] = [403, 409, 410, 412];

export class Api {
  /** @param token bearer token of the command line. */
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  get<T>(path: string, schema: z.ZodType<T>): Promise<ApiAnswer<T>> {
    return this.#call('GET', path, undefined, schema);
  }

  post<T>(path: string, body: unknown, schema: z.ZodType<T>, headers: Headers = {}): Promise<ApiAnswer<T>> {
    return this.#call('POST', path, body, schema, headers);
  }

  /** @throws CliError with the API's own code; `not-running` if there is no response. */
  async #call<T>(
    method: string,
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
    more: Headers = {},
  ): Promise<ApiAnswer<T>> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...more },
        redirect: 'error',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      const cause =
        error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
      throw new CliError(
        'not-running',
        `The responder at ${this.url} does not respond: ${cause}`,
        'Start it with: npm start',
      );
    }
    const value = parse(text);
    if (!response.ok) {
      const problem = problemSchema.safeParse(value);
      if (problem.success) {
        const { code, detail, next } = problem.data;
        const refused = method === 'POST' && REFUSED.includes(response.status);
        throw new CliError(
          code,
          detail,
          next && asCommand(next),
          refused ? exitCodes.refused : exitCodes.invalid,
        );
      }
      throw new CliError(`http-${response.status}`, `${method} ${path} returned HTTP ${response.status}.`);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      const etag = response.headers.get('etag') ?? undefined;
      return { status: response.status, body: parsed.data, etag };
    }
    const issue = parsed.error.issues[0];
    throw new CliError(
      'bad-answer',
      `${method} ${path} returned a body that this version cannot read: ${issue?.path.join('.')}: ${issue?.message}`,
      'Restart the responder so that both have the same version.',
    );
  }
}

/** Converts the next step of an API problem, an HTTP request, to the equivalent command. */
function asCommand(next: string): string {
  return next
    .replace(
      /^GET \/api\/approvals\/(\S+) shows the request; .*$/,
      'See its current state: responder approvals show $1',
    )
    .replace(/^GET \/api\/approvals\/(\S+) (shows .*)$/, 'responder approvals show $1 $2')
    .replace(/^GET \/api\/approvals (lists .*)$/, 'responder approvals list $1')
    .replace(/^GET \/api\/rejected (lists .*)$/, 'responder rejected list $1');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
