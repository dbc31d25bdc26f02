export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  /** Parsed; undefined: none. */
  readonly body: unknown;
}

export interface Checked {
  /** Method and path, with `{id}` for each key. */
  readonly operation: string;
  /** What was compared: path, query, body. */
  readonly parts: readonly string[];
  readonly problems: readonly string[];
}
