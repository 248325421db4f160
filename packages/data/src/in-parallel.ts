/**
 * Runs `work` for every item, at most `limit` at a time, and gives the results in the order of the items. The first rejection
 * stops the rest.
 */
export const inParallel = async <A, B>(items: readonly A[], limit: number, work: (item: A, index: number) => Promise<B>): Promise<B[]> => {
  const results = new Array<B>(items.length);
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as A, index);
    }
  };
  const stop = (thrown: unknown): never => {
    next = items.length;
    throw thrown;
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, () => runner().catch(stop)));
  return results;
};
