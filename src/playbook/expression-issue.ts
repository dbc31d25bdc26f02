/** A mistake in an expression. */
export interface ExpressionIssue {
  readonly code: string;
  /** Counts characters of the expression from 0. */
  readonly start: number;
  readonly message: string;
  /** What to write instead, where that is known. */
  readonly next: string | undefined;
}
