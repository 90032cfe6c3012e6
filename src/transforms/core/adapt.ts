import { zerosLike } from "../../variable/rows.ts";
import { apply } from "../../variable/apply.ts";
import type { DType } from "../../array/dtype.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { untracked, type Variable } from "../../variable/variable.ts";

/** Undoes a broadcast, recorded: brings a Variable into a shape by repeating or summing along axes. */
export function sumToVariable(x: Variable, shape: Shape): Variable {
  if (sameShape(x.shape, shape)) return x;
  if (x.rank < shape.length) return x.broadcastTo(shape);
  const lead = x.rank - shape.length;
  const axes = x.shape.map((_, i) => i).filter((i) =>
    i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1)
  );
  const summed = axes.length === 0 ? x : x.sum({ axis: axes, keepDims: true });
  return sameShape(summed.shape.slice(lead), shape) && lead === 0
    ? summed
    : summed.reshape(summed.shape.slice(lead)).broadcastTo(shape);
}

/** Brings a Variable into a dtype, recorded: by adding zeros of that dtype where it has to widen. */
export function castVariable(x: Variable, dtype: DType): Variable {
  if (x.dtype === dtype) return x;
  return apply(op.cast, [x], { dtype });
}

/** Zeros of a Variable's shape and dtype, as a constant. */
export function zeros(like: Variable): Variable {
  return untracked(zerosLike(like), like.dtype);
}
