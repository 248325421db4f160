import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HostArray, isLeaf, leaves, mapTree, overlay, pick, rebuild, ShapeError, type Tree } from "./index.ts";

fc.configureGlobal({ seed: 1 });

const leaf = (value: number): HostArray => ({ shape: [], dtype: "float32", data: Float32Array.of(value) });
const numberIn = ({ data }: HostArray): number => data[0] as number;

const names = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
/** Trees of leaves, nulls and branches, as deep as four. */
const trees = fc.letrec<{ tree: Tree<HostArray>; branch: Tree<HostArray> }>((tie) => ({
  tree: fc.oneof({ depthSize: "small", maxDepth: 4 }, fc.integer({ min: -99, max: 99 }).map(leaf), fc.constant(null), tie("branch")),
  branch: fc.dictionary(names, tie("tree"), { maxKeys: 4 }),
})).branch;
const paths = (tree: Tree<HostArray>): readonly string[] => leaves<HostArray>(tree).map(([path]) => path);

describe("tree laws", () => {
  test("mapping by identity changes nothing; mapping twice is mapping by the composition", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        expect(mapTree<HostArray, HostArray>((x) => x, tree)).toEqual(tree);
        const [twice, plus] = [(x: HostArray) => leaf(2 * numberIn(x)), (x: HostArray) => leaf(numberIn(x) + 1)];
        const composed = mapTree<HostArray, HostArray>((x) => plus(twice(x)), tree);
        expect(mapTree<HostArray, HostArray>(plus, mapTree<HostArray, HostArray>(twice, tree))).toEqual(composed);
      }),
    );
  });

  test("mapping several trees hands over the leaves of one path, with that path", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const doubled = mapTree<HostArray, HostArray>((x) => leaf(2 * numberIn(x)), tree);
        const seen: string[] = [];
        mapTree<HostArray, null>(
          (x, path, y) => {
            seen.push(path);
            expect(numberIn(y as HostArray)).toBe(2 * numberIn(x));
            return null;
          },
          tree,
          doubled,
        );
        expect(seen).toEqual(paths(tree));
      }),
    );
  });

  test("leaves have distinct paths, and a tree is rebuilt from them", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        expect(new Set(paths(tree)).size).toBe(paths(tree).length);
        expect(rebuild(tree, new Map(leaves<HostArray>(tree)))).toEqual(tree);
      }),
    );
  });

  test("a path leads to its leaf, key by key", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        for (const [path, found] of leaves<HostArray>(tree)) {
          const walked = path.split("/").reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], tree);
          expect(walked).toBe(found);
        }
      }),
    );
  });

  test("picking splits the leaves in two, and overlaying puts them back", () => {
    fc.assert(
      fc.property(trees, fc.integer({ min: 0, max: 3 }), (tree, modulus) => {
        const keep = (path: string): boolean => path.length % 4 <= modulus;
        const [kept, dropped] = [pick(tree, keep), pick(tree, (path) => !keep(path))];
        expect(paths(kept)).toEqual(paths(tree).filter(keep));
        expect(paths(dropped)).toEqual(paths(tree).filter((path) => !keep(path)));
        expect(overlay(tree, kept)).toEqual(tree);
        const changed = overlay(
          tree,
          mapTree<HostArray, HostArray>((x) => leaf(numberIn(x) + 1000), kept),
        );
        for (const [path, x] of leaves<HostArray>(changed)) expect(numberIn(x) > 500, path).toBe(keep(path));
        expect(paths(changed)).toEqual(paths(tree));
      }),
    );
  });
});

describe("trees", () => {
  test("a leaf is what has a shape", () => {
    expect([leaf(1), { shape: [2] }, { shape: "round" }, {}, null, 3].map(isLeaf)).toEqual([true, true, false, false, false, false]);
  });

  test("leaves come in the order of the keys, with their paths", () => {
    const tree = { projector: { fc1: { w: leaf(1), b: leaf(2) }, act: null }, token: leaf(3) };
    expect(leaves<HostArray>(tree).map(([path, x]) => [path, numberIn(x)])).toEqual([
      ["projector/fc1/w", 1],
      ["projector/fc1/b", 2],
      ["token", 3],
    ]);
  });

  test("trees of different structure are refused, with the path", () => {
    const whole = { a: { w: leaf(1), b: leaf(2) } };
    const combine = (left: Tree<HostArray>, right: Tree<HostArray>) => () => mapTree<HostArray, HostArray>((x) => x, left, right);
    expect(combine(whole, { a: { w: leaf(1) } })).toThrow(new ShapeError('mapTree: the trees differ at "a/b"'));
    expect(combine({ a: { w: leaf(1) } }, whole)).toThrow(new ShapeError('mapTree: the trees differ at "a/b"'));
    expect(combine(whole, { a: leaf(1) })).toThrow(new ShapeError('mapTree: the trees differ at "a/w"'));
    expect(combine({ a: leaf(1) }, whole)).toThrow(new ShapeError('mapTree: the trees differ at "a": a leaf against a branch'));
    expect(combine(whole, null)).toThrow(new ShapeError('mapTree: the trees differ at "a"'));
    expect(combine({ a: null }, whole)).toThrow(
      new ShapeError('mapTree: the trees differ at "a": a part without leaves against one with some'),
    );
  });

  test("what is missing in a rebuild is named", () => {
    const tree = { a: leaf(1), b: leaf(2) };
    expect(() => rebuild(tree, new Map([["a", 1]]))).toThrow(new ShapeError("rebuild: no value for b"));
    const many = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`w${i}`, leaf(i)]));
    expect(() => rebuild(many, new Map())).toThrow(new ShapeError("rebuild: no value for w0, w1, w2, w3, w4 ..."));
  });
});
