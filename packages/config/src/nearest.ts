/** Edit distance with neighbouring letters swapped as one edit (optimal string alignment). */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] as number) + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] as number;
};

/**
 * The known word that a misspelt one most likely means, or undefined when none is near: at most a third of the letters may
 * differ (so none of a word of two), case does not count, and a known word that begins with the given one is near.
 */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  if (word.length === 0 || word.length > 64) return undefined;
  const lower = word.toLowerCase();
  const scored = known.map((name) => ({ name, edits: name.length > 64 ? Number.POSITIVE_INFINITY : distance(lower, name.toLowerCase()) }));
  const best = scored.reduce<{ readonly name: string; readonly edits: number } | undefined>(
    (a, b) => (a === undefined || b.edits < a.edits ? b : a),
    undefined,
  );
  if (best !== undefined && best.edits <= Math.floor(Math.max(word.length, best.name.length) / 3)) return best.name;
  const longer = known.filter((name) => name.toLowerCase().startsWith(lower));
  return word.length >= 2 && longer.length === 1 ? longer[0] : undefined;
};

/** `did you mean "lr"?` when a known word is near, as the `fix` of a user error; else undefined. */
export const suggestion = (word: string, known: readonly string[]): string | undefined => {
  const near = nearest(word, known);
  return near === undefined ? undefined : `did you mean "${near}"?`;
};
