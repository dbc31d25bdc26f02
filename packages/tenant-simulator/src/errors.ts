/** An invalid start or change of the simulator. `code` is one of `tenant-invalid`, `state-unreadable`, `port-in-use`. */
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

/** An error response of a simulated service; its host determines the format. */
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
