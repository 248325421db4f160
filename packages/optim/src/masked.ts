import { overlay, pick, type Tensor } from "@twinview/core";
import type { Transform } from "./transform.ts";

/** Applies a transform only to the leaves where `where` holds; the others pass through unchanged and have no state. */
export const masked = <S, H extends string>(inner: Transform<S, H>, where: (path: string) => boolean): Transform<S, H> => ({
  init: (params) => inner.init(pick<Tensor>(params, where)),
  update: ({ updates, state, params, hyper }) => {
    const out = inner.update({ updates: pick<Tensor>(updates, where), state, params: pick<Tensor>(params, where), hyper });
    return { updates: overlay<Tensor>(updates, out.updates), state: out.state };
  },
  hyper: inner.hyper,
});
