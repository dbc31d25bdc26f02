/** Reasons why the host cannot start or continue. */
export type HostErrorCode =
  | 'data-directory-in-use'
  | 'data-directory-not-writable'
  | 'data-directory-not-private'
  | 'data-corrupt'
  | 'data-version'
  | 'data-disk-full'
  | 'port-in-use'
  | 'app-not-found'
  | 'app-failed'
  | 'app-refused'
  | 'app-ended'
  | 'setting-invalid';

/** An error of the host itself, never of the app's code. `code` is stable, the message is for people. */
export class HostError extends Error {
  override readonly name = 'HostError';

  constructor(
    readonly code: HostErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
