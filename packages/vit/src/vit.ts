import {
  add,
  broadcastTo,
  type Ctx,
  checkOption,
  checkShape,
  concat,
  constant,
  type Encoder,
  fold,
  type Module,
  matMul,
  mean,
  type Rng,
  reshape,
  scope,
  slice,
  split,
  type Tensor,
  type Vars,
} from "@twinview/core";
import { type AffineParams, type ConvNormState, type LinearParams, layerNorm, normal } from "@twinview/nn";
import { type BlockParams, type BlockState, block } from "./block.ts";
import { type ConvStemParams, convStem } from "./conv-stem.ts";
import { patchProjection } from "./patch.ts";
import { sinCosPosition } from "./position.ts";
import { resizeMatrix } from "./resize-position.ts";
import type { VitSize } from "./sizes.ts";
import { tokenBlock } from "./token-block.ts";

export interface VitOptions {
  readonly size: VitSize;
  /** Side of a patch, in pixels. */
  readonly patch: number;
  /** Side of the images that the position embedding is made for, in pixels; other sides the patch divides are encoded too. */
  readonly image: number;
  readonly position?: "sin-cos" | "learned" | "none";
  /** Features are the class token, or the average of all patches (then there is no class token). */
  readonly readout?: "token" | "average";
  /** Whether a layer norm follows the last block. */
  readonly finalNorm?: boolean;
  /** Whether what makes tokens of patches keeps its random initial value (the paper's cure for instability). */
  readonly freezePatch?: boolean;
  /** What makes tokens of patches: one linear map, or the convolutional stem, which then takes the place of one block. */
  readonly stem?: "patch" | "conv";
  /** What normalises in front of the MLPs; `batch` is the variant that the paper reports to gain a point. */
  readonly mlpNorm?: "layer" | "batch";
}

export interface VitParams {
  readonly patch: LinearParams | ConvStemParams;
  readonly token?: Tensor;
  readonly position?: Tensor;
  readonly blocks: Readonly<Record<string, BlockParams>>;
  readonly norm?: AffineParams;
}

/** Running statistics, where there are batch norms. */
export type VitState = {
  readonly patch: ConvNormState | null;
  readonly blocks: Readonly<Record<string, BlockState>> | null;
} | null;

/** Patches along a side that positions are made for: tables grow by its square, those that resize them by its fourth power. */
const mostAcross = 256;

/** Zero-padded, because JavaScript would reorder whole-number keys. */
const blockName = (index: number): string => `block${String(index).padStart(2, "0")}`;

/** What makes tokens of patches, as one type: parameters and state go back to where they came from. */
const tokensOf = (stem: "patch" | "conv", options: { readonly patch: number; readonly dim: number }) =>
  (stem === "conv" ? convStem(options) : patchProjection(options)) as Module<VitParams["patch"], ConvNormState | null>;

/**
 * A vision transformer from normalised images `[B, S, S, 3]` to features `[B, dim]`, with MoCo v3's initialisation:
 * Xavier-uniform weights (queries, keys and values apart), zero biases, class token of deviation 1e-6, norm epsilon 1e-6.
 * Images of another side than `image`, SwAV's small crops, get the positions of a smaller grid over the same area: sin-cos ones
 * computed at its coordinates, learned ones resized bilinearly.
 * With the convolutional stem or batch norms in front of the MLPs the images of a training batch are mixed, and there are running
 * statistics for evaluation; attention keeps its layer norms, without which the paper found training unstable.
 * @throws ShapeError if the patch does not divide the image, or into more than 256 a side, or the width does not divide into heads or, for sin-cos, into 4.
 * @see Dosovitskiy et al., arXiv 2010.11929; MoCo v3, arXiv 2104.02057, section 4, and vits.py.
 */
export const vit = (options: VitOptions): Encoder<VitParams, VitState> => {
  const { size, patch, image, position = "sin-cos", readout = "token", finalNorm = true, freezePatch = false } = options;
  const { stem = "patch", mlpNorm = "layer" } = options;
  checkOption(
    "vit",
    "patch",
    patch,
    Number.isInteger(patch) && patch > 0 && image % patch === 0,
    `a divisor of the image's side, ${image}`,
  );
  checkOption("vit", "image", image, image / patch <= mostAcross, `at most ${mostAcross} patches of ${patch} a side`);
  checkOption("vit", "dim", size.dim, size.dim % size.heads === 0, `a multiple of the ${size.heads} heads`);
  const { dim } = size;
  const depth = stem === "conv" ? size.depth - 1 : size.depth;
  checkOption("vit", "depth", size.depth, depth > 0, "more than the one block that the stem takes the place of");
  const grid = image / patch;
  const withToken = readout === "token";
  const tokens = grid * grid + (withToken ? 1 : 0);
  const project = tokensOf(stem, { patch, dim });
  const blockOptions = { dim, heads: size.heads, hidden: 4 * dim, mlpNorm };
  const layer = block(blockOptions);
  const norm = layerNorm({ dim });
  const mixesImages = stem === "conv" || mlpNorm === "batch";
  /** The parts that have statistics; the others leave no trace in the tree. */
  const stateOf = (patches: ConvNormState | null, blocks: readonly (readonly [string, BlockState])[]): VitState => ({
    patch: patches,
    blocks: mlpNorm === "batch" ? Object.fromEntries(blocks) : null,
  });
  const tables = new Map<number, Float32Array>();
  /** One array for each grid, so that all chunks of a batch share one constant. */
  const tableOf = (across: number): Float32Array => {
    const table = tables.get(across) ?? sinCosPosition({ grid: across, dim, token: withToken, span: grid });
    tables.set(across, table);
    return table;
  };
  if (position === "sin-cos") tableOf(grid); // a width that does not divide into 4 is refused now

  const init = (rng: Rng): Vars<VitParams, VitState> => {
    const keys = split(rng, ["patch", "token", "position", "blocks"]);
    const first = project.init(keys.patch);
    const made = Array.from({ length: depth }, (_, i) => [blockName(i), layer.init(fold(keys.blocks, i))] as const);
    const params = {
      patch: first.params,
      ...(withToken ? { token: normal(keys.token, [dim], 1e-6) } : {}),
      ...(position === "learned" ? { position: normal(keys.position, [tokens, dim], 0.02) } : {}),
      blocks: Object.fromEntries(made.map(([name, vars]) => [name, vars.params])),
      ...(finalNorm ? { norm: norm.init(keys.blocks).params } : {}),
    };
    const states = made.map(([name, vars]) => [name, vars.state] as const);
    return { params, state: mixesImages ? stateOf(first.state, states) : null };
  };

  /** Positions of a grid of patches, `[T, D]`. */
  const positionsOf = (params: VitParams, side: number): Tensor | undefined => {
    if (position === "sin-cos") return constant(tableOf(side), [tableOf(side).length / dim, dim]);
    if (params.position === undefined || side === grid) return params.position;
    const lead = withToken ? [slice(params.position, { axis: 0, start: 0, length: 1 })] : [];
    const patches = slice(params.position, { axis: 0, start: lead.length, length: grid * grid });
    return concat([...lead, matMul(constant(resizeMatrix(grid, side), [side * side, grid * grid]), patches)], 0);
  };

  const embed = ({ params, state }: Vars<VitParams, VitState>, images: Tensor, ctx: Ctx) => {
    const [batch, pixels] = images.shape as readonly [number, number];
    const side = pixels / patch;
    const projected = project.apply({ params: params.patch, state: state?.patch ?? null }, images, ctx);
    const patches = reshape(projected.out, [batch, side * side, dim]);
    const row = params.token ? [broadcastTo(reshape(params.token, [1, 1, dim]), [batch, 1, dim]), patches] : [patches];
    const x = concat(row, 1); // [B, T, D]
    const where = positionsOf(params, side);
    return { out: where ? add(x, reshape(where, [1, ...where.shape])) : x, state: projected.state };
  };

  const apply: Encoder<VitParams, VitState>["apply"] = ({ params, state }, images, ctx) => {
    const [batch, side] = [images.shape[0] ?? 0, images.shape[1] ?? 0];
    checkShape("vit", "images", images.shape, [null, side, side, 3]);
    checkOption("vit", "side of the images", side, side > 0 && side % patch === 0, `a multiple of the patch, ${patch}`);
    const first = scope("patch", () => embed({ params, state }, images, ctx));
    let x = first.out;
    const activations: Record<string, Tensor> = { patch: x };
    const states: (readonly [name: string, state: BlockState])[] = [];
    const pass = (name: string): void => {
      const vars = { params: params.blocks[name] as BlockParams, state: state?.blocks?.[name] ?? null };
      const step = scope(`blocks/${name}`, () => layer.apply(vars, x, ctx));
      x = step.out;
      activations[name] = x;
      states.push([name, step.state]);
    };
    for (let i = 0; i < depth - 1; i++) pass(blockName(i));
    const lastName = blockName(depth - 1);
    const normalised = (rows: Tensor): Tensor =>
      params.norm ? scope("norm", () => norm.apply({ params: params.norm as AffineParams, state: null }, rows, ctx).out) : rows;
    const after = (out: Tensor) => ({ out, state: mixesImages ? stateOf(first.state, states) : null, activations });
    if (withToken && mlpNorm === "layer") {
      const last = params.blocks[lastName] as BlockParams;
      states.push([lastName, null]);
      const token = scope(`blocks/${lastName}`, () => tokenBlock(blockOptions, last, x, ctx));
      activations[lastName] = token;
      return after(normalised(token));
    }
    pass(lastName);
    if (withToken) return after(normalised(reshape(slice(x, { axis: 1, start: 0, length: 1 }), [batch, dim])));
    const rows = normalised(reshape(x, [batch * (x.shape[1] as number), dim]));
    return after(mean(reshape(rows, x.shape), { axes: [1] }));
  };

  const frozen = (path: string): boolean => freezePatch && path.startsWith("patch/");
  const variant = `${stem === "conv" ? "-conv" : ""}${mlpNorm === "batch" ? "-bn" : ""}`;
  return { name: `vit-${size.name}/${patch}${variant}`, dim, init, apply, frozen, mixesImages };
};
