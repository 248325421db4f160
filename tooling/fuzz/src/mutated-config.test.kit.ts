import type { Json } from "@twinview/config";
import fc from "fast-check";

const nested = (depth: number, inner: string): string => `${"[".repeat(depth)}${inner}${"]".repeat(depth)}`;

/** Values that a careless reader trips over, beside any JSON. */
const odd: readonly string[] = [
  ...["null", "true", "false", "[]", "{}", '""', "0", "-1", "1e308", "-1e-308", "0.5", "1e9", "9007199254740993", "4294967296", "65536"],
  ...['"NaN"', '"Infinity"', '"__proto__"', '"constructor"', '"toString"', '"1"', '"../../etc/passwd"', '"\\u0000"', '"\\ud800"', '"<b>"'],
  ...['{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '{"length":1e9}', '{"then":1}', '{"toJSON":1}', '{"kind":"none"}'],
  ...[
    nested(10_000, "1"),
    nested(150, "1"),
    JSON.stringify("k".repeat(1e6)),
    `{${JSON.stringify("k".repeat(1e5))}:1}`,
    `[${"0,".repeat(1e4)}0]`,
  ],
];
const keys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "extra",
  "kind",
  "lr",
  "",
  "k".repeat(1e4),
  "0",
  "a.b",
];

const value = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...odd) }, { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) });

/** A change of one place of a configuration, found by walking down at random. */
interface Change {
  readonly steps: readonly number[];
  readonly kind: "replace" | "remove" | "rename" | "add" | "number";
  readonly value: string;
  readonly key: string;
  readonly factor: number;
}
const change: fc.Arbitrary<Change> = fc.record({
  steps: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom("replace", "remove", "rename", "add", "number", "number", "number"),
  value,
  key: fc.constantFrom(...keys),
  factor: fc.constantFrom(0, -1, 0.5, 2, 3, 10, 1.5, 1e3, 1e6, 1e12, 1 / 3),
});

/** Places as they stand in a text, so that keys such as `__proto__` stay data. */
type Node = { readonly text: string } | { readonly items: readonly Node[] } | { readonly fields: readonly (readonly [string, Node])[] };

const nodeOf = (json: Json): Node => {
  if (Array.isArray(json)) return { items: json.map(nodeOf) };
  if (typeof json !== "object" || json === null) return { text: JSON.stringify(json) };
  return { fields: Object.entries(json).map(([key, inner]) => [key, nodeOf(inner as Json)] as const) };
};

const textOf = (node: Node): string => {
  if ("text" in node) return node.text;
  if ("items" in node) return `[${node.items.map(textOf).join(",")}]`;
  return `{${node.fields.map(([key, inner]) => `${JSON.stringify(key)}:${textOf(inner)}`).join(",")}}`;
};

const changed = (node: Node, { steps, ...rest }: Change): Node => {
  const [step = 0, ...more] = steps;
  const { kind, key, factor } = rest;
  const fresh: Node = { text: rest.value };
  if ("text" in node) return kind === "number" && Number.isFinite(Number(node.text)) ? { text: String(Number(node.text) * factor) } : fresh;
  const inner = (one: Node): Node => changed(one, { steps: more, ...rest });
  if ("items" in node) {
    if (node.items.length === 0) return fresh;
    const at = step % node.items.length;
    return { items: node.items.map((one, i) => (i === at ? inner(one) : one)) };
  }
  if (node.fields.length === 0) return fresh;
  const at = step % node.fields.length;
  const [name, one] = node.fields[at] as readonly [string, Node];
  const put = (...fields: readonly (readonly [string, Node])[]): Node => ({ fields: node.fields.toSpliced(at, 1, ...fields) });
  if ((more.length > 0 || kind === "number" || kind === "replace") && !("text" in one && kind !== "number" && kind !== "replace"))
    return put([name, inner(one)]);
  if (kind === "remove") return put();
  if (kind === "rename") return put([step % 2 === 0 ? key : `${name}x`, one]);
  return put([name, one], [key, fresh]);
};

/** A valid configuration with up to three places changed, and now and then some characters of its text; as text. */
export const mutatedConfig = (bases: readonly Json[]): fc.Arbitrary<string> => {
  const scrap = fc.string({ unit: fc.constantFrom(...'{}[],:"\\0e.-1 \n\u0000tfn'), maxLength: 3 });
  return fc
    .tuple(fc.constantFrom(...bases), fc.array(change, { maxLength: 3 }), fc.option(fc.tuple(fc.nat(), scrap, fc.nat(3)), { freq: 4 }))
    .map(([base, changes, splice]) => {
      const text = textOf(changes.reduce(changed, nodeOf(base)));
      if (splice === null) return text;
      const [where, insert, cut] = splice;
      const at = where % (text.length + 1);
      return text.slice(0, at) + insert + text.slice(at + cut);
    });
};

/** `--set` overrides of paths that are there, nearly there, or lead to prototypes. */
export const override = (bases: readonly Json[]): fc.Arbitrary<string> => {
  const known = [...new Set(bases.flatMap((base) => pathsIn(base)))];
  const path = fc.oneof(
    fc.constantFrom(...known),
    fc.tuple(fc.constantFrom(...known), fc.constantFrom(...keys)).map((parts) => parts.join(".")),
    fc.array(fc.constantFrom(...keys, "a[0]", "[1]"), { maxLength: 4 }).map((parts) => parts.join(".")),
    fc.constantFrom("a.".repeat(10_000), "k".repeat(1e6), "__proto__.x", "constructor.prototype.x"),
  );
  return fc.tuple(path, fc.oneof(value, fc.string())).map(([at, text]) => `${at}=${text}`);
};

const pathsIn = (json: Json, at: readonly string[] = []): readonly string[] =>
  typeof json !== "object" || json === null || Array.isArray(json)
    ? [at.join(".")]
    : Object.entries(json).flatMap(([key, inner]) => pathsIn(inner as Json, [...at, key]));
