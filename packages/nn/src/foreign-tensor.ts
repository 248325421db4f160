import { checkOption, type HostArray, sizeOf } from "@twinview/core";

/** A tensor of ours as another library holds it. */
export interface ForeignTensor {
  /** Its path among the parameters, or the running statistics, of a module. */
  readonly path: string;
  /** Its name there. */
  readonly name: string;
  /** The shape that our numbers are seen in, and the order of its axes there: axis i of theirs is axis `order[i]` of the view. */
  readonly view: readonly number[];
  readonly order: readonly number[];
  /** Its shape there, of the same numbers. */
  readonly shape: readonly number[];
}

const stridesOf = (shape: readonly number[]): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Numbers of a shape with its axes in another order. */
const turned = (data: ArrayLike<number>, shape: readonly number[], order: readonly number[]): Float32Array => {
  const out = new Float32Array(data.length);
  const to = order.map((axis) => shape[axis] as number);
  const from = stridesOf(shape);
  const place = to.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[place.reduce((sum, at, axis) => sum + at * (from[order[axis] as number] as number), 0)] as number;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < (to[axis] as number)) break;
      place[axis] = 0;
    }
  }
  return out;
};

const checkCount = (where: string, { data }: HostArray, { name, view }: ForeignTensor): void =>
  checkOption(where, `${name}.length`, data.length, data.length === sizeOf(view), `${sizeOf(view)} numbers`);

/** Our numbers as the other library lays them out. @throws ShapeError if there are not as many as the tensor has. */
export const toForeign = (array: HostArray, tensor: ForeignTensor): HostArray => {
  checkCount("toForeign", array, tensor);
  return { dtype: "float32", shape: tensor.shape, data: turned(array.data, tensor.view, tensor.order) };
};

/** The other library's numbers as we lay them out, in our shape. @throws ShapeError if there are not as many as the tensor has. */
export const fromForeign = (array: HostArray, tensor: ForeignTensor, shape: readonly number[]): HostArray => {
  checkCount("fromForeign", array, tensor);
  const theirs = tensor.order.map((axis) => tensor.view[axis] as number);
  const back = tensor.order.map((_, axis) => tensor.order.indexOf(axis));
  return { dtype: "float32", shape, data: turned(array.data, theirs, back) };
};

/** A tensor that lies there as it does here. */
export const sameLayout = (path: string, name: string, shape: readonly number[]): ForeignTensor => ({
  path,
  name,
  view: shape,
  order: shape.map((_, axis) => axis),
  shape,
});

/** A matrix `[in, out]` that is `[out, in]` there, as in every linear layer of torch. */
export const transposed = (path: string, name: string, [rows, columns]: readonly [number, number]): ForeignTensor => ({
  path,
  name,
  view: [rows, columns],
  order: [1, 0],
  shape: [columns, rows],
});
