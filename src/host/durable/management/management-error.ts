/** An answer that is not the one hoped for, in the words of the real host. */
export class ManagementError extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    message: string,
    readonly exception?: { readonly type: string; readonly message: string },
  ) {
    super(message);
  }
}
