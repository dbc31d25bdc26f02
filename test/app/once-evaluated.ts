/**
 * Decides. On a busy machine a channel answers before the outcome is known: then this waits until the decision is
 * evaluated, for a minute at most, and asks again with the same id. An evaluated decision does not count twice.
 */
export async function onceEvaluated<T>(
  decide: () => Promise<T>,
  isPending: (answer: T) => boolean,
  isEvaluated: (answer: T) => Promise<boolean>,
): Promise<T> {
  const answer = await decide();
  if (!isPending(answer)) return answer;
  const end = performance.now() + 60_000;
  while (!(await isEvaluated(answer))) {
    if (performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return decide();
}
