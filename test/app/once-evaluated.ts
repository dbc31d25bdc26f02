/**
 * Decides. On a busy machine a channel answers before the outcome is known: then this waits until a decision was
 * evaluated, for ten seconds at most, and asks again with the same id. An evaluated decision does not count twice.
 * @param decided how many decisions on the incident were evaluated
 */
export async function onceEvaluated<T>(
  decided: () => Promise<number>,
  decide: () => Promise<T>,
  isPending: (answer: T) => boolean,
): Promise<T> {
  const before = await decided();
  const answer = await decide();
  if (!isPending(answer)) return answer;
  const end = performance.now() + 10_000;
  while ((await decided()) === before) {
    if (performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return decide();
}
