/** A mistake of whoever starts or changes the simulator. `code` is one of `tenant-invalid`, `state-unreadable`, `port-in-use`. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  constructor(
    readonly code: 'tenant-invalid' | 'state-unreadable' | 'port-in-use',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An error that a simulated service answers with; its host decides about the form. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
