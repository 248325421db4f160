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
  matMul,
  mean,
  type Rng,
  reshape,
  scope,
  slice,
  split,
  type Tensor,
} from "@twinview/core";
import { type AffineParams, type LinearParams, layerNorm, normal } from "@twinview/nn";
import { type BlockParams, block } from "./block.ts";
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
  /** Whether the patch projection keeps its random initial value (the paper's cure for instability). */
  readonly freezePatch?: boolean;
}

export interface VitParams {
  readonly patch: LinearParams;
  readonly token?: Tensor;
  readonly position?: Tensor;
  readonly blocks: Readonly<Record<string, BlockParams>>;
  readonly norm?: AffineParams;
}

/** Zero-padded, because JavaScript would reorder whole-number keys. */
const blockName = (index: number): string => `block${String(index).padStart(2, "0")}`;

/**
 * A vision transformer from normalised images `[B, S, S, 3]` to features `[B, dim]`, with MoCo v3's initialisation:
 * Xavier-uniform weights (queries, keys and values apart), zero biases, class token of deviation 1e-6, norm epsilon 1e-6.
 * Images of another side than `image`, SwAV's small crops, get the positions of a smaller grid over the same area: sin-cos ones
 * computed at its coordinates, learned ones resized bilinearly.
 * @throws ShapeError if the patch does not divide the image, or the width does not divide into heads or, for sin-cos, into 4.
 * @see Dosovitskiy et al., arXiv 2010.11929; MoCo v3, arXiv 2104.02057, section 4, and vits.py.
 */
export const vit = (options: VitOptions): Encoder<VitParams, null> => {
  const { size, patch, image, position = "sin-cos", readout = "token", finalNorm = true, freezePatch = false } = options;
  checkOption(
    "vit",
    "patch",
    patch,
    Number.isInteger(patch) && patch > 0 && image % patch === 0,
    `a divisor of the image's side, ${image}`,
  );
  checkOption("vit", "dim", size.dim, size.dim % size.heads === 0, `a multiple of the ${size.heads} heads`);
  const { dim, depth } = size;
  const grid = image / patch;
  const withToken = readout === "token";
  const tokens = grid * grid + (withToken ? 1 : 0);
  const project = patchProjection({ patch, dim });
  const blockOptions = { dim, heads: size.heads, hidden: 4 * dim };
  const layer = block(blockOptions);
  const norm = layerNorm({ dim });
  const tables = new Map<number, Float32Array>();
  /** One array for each grid, so that all chunks of a batch share one constant. */
  const tableOf = (across: number): Float32Array => {
    const table = tables.get(across) ?? sinCosPosition({ grid: across, dim, token: withToken, span: grid });
    tables.set(across, table);
    return table;
  };
  if (position === "sin-cos") tableOf(grid); // a width that does not divide into 4 is refused now

  const init = (rng: Rng): { readonly params: VitParams; readonly state: null } => {
    const keys = split(rng, ["patch", "token", "position", "blocks"]);
    const blocks = Array.from({ length: depth }, (_, i) => [blockName(i), layer.init(fold(keys.blocks, i)).params] as const);
    const params = {
      patch: project.init(keys.patch).params,
      ...(withToken ? { token: normal(keys.token, [dim], 1e-6) } : {}),
      ...(position === "learned" ? { position: normal(keys.position, [tokens, dim], 0.02) } : {}),
      blocks: Object.fromEntries(blocks),
      ...(finalNorm ? { norm: norm.init(keys.blocks).params } : {}),
    };
    return { params, state: null };
  };

  /** Positions of a grid of patches, `[T, D]`. */
  const positionsOf = (params: VitParams, side: number): Tensor | undefined => {
    if (position === "sin-cos") return constant(tableOf(side), [tableOf(side).length / dim, dim]);
    if (params.position === undefined || side === grid) return params.position;
    const lead = withToken ? [slice(params.position, { axis: 0, start: 0, length: 1 })] : [];
    const patches = slice(params.position, { axis: 0, start: lead.length, length: grid * grid });
    return concat([...lead, matMul(constant(resizeMatrix(grid, side), [side * side, grid * grid]), patches)], 0);
  };

  const embed = (params: VitParams, images: Tensor, ctx: Ctx): Tensor => {
    const [batch, pixels] = images.shape as readonly [number, number];
    const side = pixels / patch;
    const patches = reshape(project.apply({ params: params.patch, state: null }, images, ctx).out, [batch, side * side, dim]);
    const row = params.token ? [broadcastTo(reshape(params.token, [1, 1, dim]), [batch, 1, dim]), patches] : [patches];
    const x = concat(row, 1); // [B, T, D]
    const where = positionsOf(params, side);
    return where ? add(x, reshape(where, [1, ...where.shape])) : x;
  };

  const apply: Encoder<VitParams, null>["apply"] = ({ params }, images, ctx) => {
    const side = images.shape[1] ?? 0;
    checkShape("vit", "images", images.shape, [null, side, side, 3]);
    checkOption("vit", "side of the images", side, side > 0 && side % patch === 0, `a multiple of the patch, ${patch}`);
    let x = scope("patch", () => embed(params, images, ctx));
    for (let i = 0; i < depth - 1; i++) {
      const name = blockName(i);
      x = scope(`blocks/${name}`, () => layer.apply({ params: params.blocks[name] as BlockParams, state: null }, x, ctx).out);
    }
    const lastName = blockName(depth - 1);
    const last = params.blocks[lastName] as BlockParams;
    const normalised = (rows: Tensor): Tensor =>
      params.norm ? scope("norm", () => norm.apply({ params: params.norm as AffineParams, state: null }, rows, ctx).out) : rows;
    if (withToken) return { out: normalised(scope(`blocks/${lastName}`, () => tokenBlock(blockOptions, last, x, ctx))), state: null };
    const all = scope(`blocks/${lastName}`, () => layer.apply({ params: last, state: null }, x, ctx).out);
    const rows = normalised(reshape(all, [(all.shape[0] as number) * (all.shape[1] as number), dim]));
    return { out: mean(reshape(rows, all.shape), { axes: [1] }), state: null };
  };

  const frozen = (path: string): boolean => freezePatch && path.startsWith("patch/");
  return { name: `vit-${size.name}/${patch}`, dim, init, apply, frozen };
};
