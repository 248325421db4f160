// The path is a label for graphs and profiles only: no value depends on it.
let current = "";

/** Runs `f` with `name` appended to the path that operations are labelled with. */
export const scope = <R>(name: string, f: () => R): R => within(current === "" ? name : `${current}/${name}`, f);

/** Runs `f` with the path set to `path`. */
export const within = <R>(path: string, f: () => R): R => {
  const before = current;
  current = path;
  try {
    return f();
  } finally {
    current = before;
  }
};

/** The path that operations are being labelled with. */
export const scopePath = (): string => current;
