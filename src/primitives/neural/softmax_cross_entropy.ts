import { message } from "../../_internal/message.ts";
import { allocate } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { logSumExpArray } from "../../array/reductions.ts";
import { sameShape, sizeOf } from "../../array/shape.ts";
import { everyBatched } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/**
 * Cross-entropy of logits and label probabilities along the last axis,
 * `logSumExp(z) * sum(y) - sum(y * z)`: finite for any logits.
 */
export const softmaxCrossEntropy: Primitive<2> = {
  arity: 2,
  shape: ([logits, labels]) => {
    if (!sameShape(logits, labels) || logits.length === 0 || logits.at(-1) === 0) {
      throw new TypeError(
        message`Cannot take the cross-entropy of logits and labels: shapes ${logits} and
        ${labels} must be equal, with the classes along the last axis`,
      );
    }
    return logits.slice(0, -1);
  },
  forward: ([logits, labels], _, shape, dtype) => {
    const z = toArray(logits);
    const y = toArray(labels);
    const out = allocate(dtype, sizeOf(shape));
    const classes = z.shape.at(-1)!;
    const lse = logSumExpArray(z, [z.shape.length - 1], false).data;
    for (let row = 0, at = 0; row < out.length; row++) {
      let loss = 0;
      for (let k = 0; k < classes; k++, at++) {
        if (y.data[at] !== 0) loss += y.data[at]! * (lse[row]! - z.data[at]!);
      }
      out[row] = loss;
    }
    return new NdArray(out, shape);
  },
  joint: {
    vjp: (c, g, [byLogits, byLabels]) => {
      const surprise = surpriseOf(c);
      const each = column(c, g);
      return [
        byLogits ? c.ops.mul(each, logitPartial(c, surprise)) : undefined,
        byLabels ? c.ops.mul(each, surprise) : undefined,
      ];
    },
    jvp: <T>(c: Context<T>, [dz, dy]: readonly (T | undefined)[]): T | undefined => {
      const { ops } = c;
      const surprise = surpriseOf(c);
      const parts = [
        ...dz === undefined ? [] : [ops.mul(dz, logitPartial(c, surprise))],
        ...dy === undefined ? [] : [ops.mul(dy, surprise)],
      ];
      if (parts.length === 0) return undefined;
      return ops.sum(parts.reduce((a, b) => ops.add(a, b)), lastAxis(c, false));
    },
  },
  batch: (c) => {
    const [logits, labels] = everyBatched(c);
    return c.ops.softmaxCrossEntropy(logits!, labels!);
  },
  samples: [
    { shapes: [[3], [3]], domains: [[-2, 2], [0, 1]] },
    { shapes: [[2, 3], [2, 3]], domains: [[-2, 2], [0, 1]] },
    { shapes: [[2, 1], [2, 1]], domains: [[-2, 2], [0, 1]] },
    { shapes: [[0, 3], [0, 3]] },
  ],
};

type Context<T> = RuleContext<T, undefined>;

function lastAxis<T>(c: Context<T>, keepDims: boolean): { axes: number[]; keepDims: boolean } {
  return { axes: [c.shape.length], keepDims };
}

/** A value per row, shaped to broadcast over the classes. */
function column<T>(c: Context<T>, perRow: T): T {
  return c.ops.reshape(perRow, { shape: [...c.shape, 1] });
}

/** Minus the logarithm of the softmax: the partial derivative by the labels. */
function surpriseOf<T>(c: Context<T>): T {
  return c.ops.sub(c.ops.logSumExp(c.x, lastAxis(c, true)), c.x);
}

/** Softmax times the sum of the labels, minus the labels. */
function logitPartial<T>(c: Context<T>, surprise: T): T {
  const { ops, y } = c;
  return ops.sub(ops.mul(ops.exp(ops.neg(surprise)), ops.sum(y, lastAxis(c, true))), y);
}
