import { createHash } from "node:crypto";
import { failure, type UserError, userError } from "@twinview/config";
import { type Encoder, type HostArray, type HostTree, leaves, mapTree } from "@twinview/core";
import { initialState, toGroups } from "@twinview/train";
import { backboneIn } from "./backbone-of.ts";
import { below } from "./below.ts";
import { importEncoder } from "./import-encoder.ts";
import { initialWeights } from "./initial-weights.ts";
import type { OpenedRun } from "./open-run.ts";

/**
 * Which encoder: the trained one, its moving average, the trained one as it was before the first step, or one of the same architecture
 * whose weights are in a file.
 */
export type Which = "online" | "target" | "untrained" | "file";

/** An encoder with its weights on the host. */
export interface EncoderWeights {
  readonly which: Which;
  readonly encoder: Encoder;
  /** Parameters, and running statistics where there are any. */
  readonly params: HostTree;
  readonly state: HostTree;
  /** Where they come from, for people. */
  readonly from: string;
}

const misfit = (from: string, got: string, expected: string): UserError =>
  userError("checkpoint", "the checkpoint does not fit the run's config.json", {
    where: from,
    got,
    expected,
    fix: "config.json or the checkpoint was changed by hand or copied from another run; put the right one back",
  });

/** The tree of `like`'s structure from tensors by path; a missing tensor, one too many or one of another shape is a user error. */
const fitted = (like: HostTree, tensors: ReadonlyMap<string, HostArray>, from: string): HostTree => {
  const paths = new Set(leaves<HostArray>(like).map(([path]) => path));
  const extra = [...tensors.keys()].find((path) => !paths.has(path));
  if (extra !== undefined) throw failure(misfit(from, `a tensor ${extra}`, "no tensor of this name"));
  return mapTree<HostArray, HostArray>((leaf, path) => {
    const found = tensors.get(path);
    const expected = `${path} of shape [${leaf.shape.join(", ")}]`;
    if (found === undefined) throw failure(misfit(from, "no such tensor", expected));
    if (found.shape.join() !== leaf.shape.join()) throw failure(misfit(from, `shape [${found.shape.join(", ")}]`, expected));
    return found;
  }, like);
};

const fromFile = ({ run, stored, file }: OpenedRun): EncoderWeights => {
  if (file === undefined) throw new Error("encoderWeights: the run was opened without a file of weights");
  const { encoder, image } = run.experiment;
  const { params, state } = importEncoder(file, backboneIn(stored.config, stored.configPath), image);
  return { which: "file", encoder, params, state, from: file.file };
};

/** One encoder of a run. Throws a user error where the run has no such encoder, or the tensors are not this encoder's. */
export const encoderWeights = (opened: OpenedRun, which: Which): EncoderWeights => {
  if (which === "file") return fromFile(opened);
  const { run, checkpoint } = opened;
  const { encoder, hasTarget } = run.experiment;
  if (which === "target" && !hasTarget)
    throw failure(
      userError("flags", `${run.method} has no target encoder`, { where: "--encoder target", expected: "--encoder online or untrained" }),
    );
  const branch = which === "target" ? "target" : "online";
  const groups = which === "untrained" ? toGroups(initialState(run.experiment)) : checkpoint.groups;
  const from = which === "untrained" ? "initial values" : checkpoint.path;
  const like = initialWeights(encoder);
  return {
    which,
    encoder,
    params: fitted(like.params, below(groups[branch] ?? new Map(), "encoder/"), from),
    state: fitted(like.state, below(groups.statistics ?? new Map(), `${branch}/`), from),
    from,
  };
};

/** SHA-256 over the names, shapes and bytes of weights, in hexadecimal digits: equal only for equal weights. */
export const weightsHash = ({ params, state }: { readonly params: HostTree; readonly state: HostTree }): string => {
  const hash = createHash("sha256");
  const entries = [...leaves<HostArray>({ params, state } as HostTree)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, { dtype, shape, data }] of entries) {
    hash.update(`${path} ${dtype} ${shape.join(",")}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
};
