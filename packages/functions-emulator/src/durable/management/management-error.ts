/** An error response of the management API, worded as the real host's. */
export class ManagementError extends Error {
  override readonly name = 'ManagementError';

  constructor(
    readonly status: number,
    message: string,
    readonly exception?: { readonly type: string; readonly message: string },
  ) {
    super(message);
  }
}
