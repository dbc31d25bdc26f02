/** Texts of an incident come from whoever caused it: they must not steer the terminal of whoever reads it. */

// Everything that moves the cursor, changes colours or turns the direction of writing.
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** The value with every text in it made harmless; line breaks become spaces. */
export function printable<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(STEERING, ' ');
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, clean(part)]));
}
