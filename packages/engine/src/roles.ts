import type { Graph } from "./graph.ts";

/** What a graph's inputs and outputs stand for; their names carry it. */
export type Role =
  | { readonly kind: "state" | "input" | "write" | "output" | "pack" | "packed"; readonly name: string }
  | { readonly kind: "scalars" };

const kinds = ["state", "input", "write", "output", "pack", "packed"] as const;

/** The name of an input or output with a role: `state:online/encoder/patch/w`. */
export const roleName = (kind: (typeof kinds)[number], name: string): string => `${kind}:${name}`;

/** The name of the output that holds all scalar outputs in a row. */
export const scalarsName = "scalars";

/** The role of an input or output. */
export const roleOf = (name: string): Role => {
  const kind = kinds.find((each) => name.startsWith(`${each}:`));
  return kind === undefined ? { kind: "scalars" } : { kind, name: name.slice(kind.length + 1) };
};

/** The leaves that a graph writes one by one. */
export const writtenBy = ({ outputs }: Graph): readonly string[] =>
  outputs.flatMap(({ name }) => {
    const role = roleOf(name);
    return role.kind === "write" ? [role.name] : [];
  });
