/** Keys in the order in which they were served, the latest last. */
export type Turns = Set<string>;

/** Beyond this many, who was served longest ago counts as never served. */
const MOST_REMEMBERED = 1_000;

/**
 * Whose turn it is: who was never served before who was served longest ago, and among equals the one who has waited
 * longest (`since`). It counts as served from now on. Undefined when nobody waits.
 */
export function nextOf<T extends { _id: string }>(
  waiting: T[],
  turns: Turns,
  since: (one: T) => Date | undefined,
): T | undefined {
  const places = new Map([...turns].map((key, place) => [key, place]));
  const rank = (one: T): [number, number] => [places.get(one._id) ?? -1, since(one)?.getTime() ?? 0];
  const [next] = [...waiting].sort((one, other) => {
    const [[place, at], [otherPlace, otherAt]] = [rank(one), rank(other)];
    return place - otherPlace || at - otherAt;
  });
  if (!next) return undefined;
  turns.delete(next._id);
  turns.add(next._id);
  const [oldest] = turns;
  if (turns.size > MOST_REMEMBERED && oldest !== undefined) turns.delete(oldest);
  return next;
}
