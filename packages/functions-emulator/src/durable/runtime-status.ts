/** Small facts about an instance's status and output. */
const TERMINAL = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);

export const isTerminal = (status: string): boolean => TERMINAL.has(status);

/** JSON where it is JSON, else the text itself: how the real host shows outputs. */
export function parseJsonOrText(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
