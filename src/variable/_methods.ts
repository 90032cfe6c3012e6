/** What the methods of Variable do that take more than a line. */
import { readAxes, readAxis, readShape } from "../_internal/readers/mod.ts";
import { message } from "../_internal/message.ts";
import { describeValue, formatShape } from "../_internal/format.ts";
import { reducedShape, type Shape, sizeOf } from "../array/shape.ts";
import { type Operation, operation as op } from "../primitives/mod.ts";
import type {
  AxisOptions,
  GeluOptions,
  LossOptions,
  ReductionArgument,
  ReductionOptions,
  SoftshrinkOptions,
} from "./options.ts";
import { apply, binary, isWeak, toVariable, unary } from "./apply.ts";
import type { Operand, Variable } from "./variable.ts";

/** Reduces along the axes that the argument names. */
export function reduction(operation: Operation, x: Variable, argument: ReductionArgument = {}): Variable {
  const options: ReductionOptions = typeof argument === "number" || Array.isArray(argument)
    ? { axis: argument as number | readonly number[] }
    : argument as ReductionOptions;
  return apply(operation, [x], {
    axes: readAxes(operation.name, options.axis, x.rank),
    keepDims: options.keepDims ?? false,
  });
}

/** Multiplies matrices; vectors take part as a row (left) or a column (right), which the result then lacks. */
export function multiplyMatrices(x: Variable, other: Operand): Variable {
  const y = toVariable(other, isWeak(other) ? x.dtype : undefined);
  if (x.rank === 0 || y.rank === 0) {
    throw new TypeError(
      message`Cannot multiply matrices: shapes ${x.shape} and ${y.shape} must have at
      least one axis, use mul() for numbers`,
    );
  }
  const left = x.rank === 1 ? x.reshape([1, x.size]) : x;
  const right = y.rank === 1 ? y.reshape([y.size, 1]) : y;
  const product = apply(op.matmul, [left, right], { transposeX: false, transposeY: false });
  const dropped = [...x.rank === 1 ? [product.rank - 2] : [], ...y.rank === 1 ? [product.rank - 1] : []];
  return dropped.length === 0 ? product : product.reshape(reducedShape(product.shape, dropped, false));
}

/** Joins the losses of single examples, or leaves them. */
export function reduceLoss(losses: Variable, { reduction: how = "mean" }: LossOptions): Variable {
  if (how === "mean") return losses.mean();
  if (how === "sum") return losses.sum();
  if (how === "none") return losses;
  throw new RangeError(message`Unknown reduction: ${describeValue(how)}, use "mean", "sum" or "none"`);
}

/** The exact function or its approximation. */
export function geluOf(x: Variable, { approximate = "none" }: GeluOptions = {}): Variable {
  if (approximate === "none") return unary(op.gelu, x);
  if (approximate !== "tanh") {
    throw new RangeError(
      message`Cannot approximate gelu: ${describeValue(approximate)} is unknown, use
      "none" or "tanh"`,
    );
  }
  // (1 + tanh(u)) / 2 is sigmoid(2 u), exact for negative u; beyond 100 it does not change, but the cube overflows.
  const near = x.clip(-100, 100);
  const u = near.square().mul(0.044715).add(1).mul(near);
  return x.mul(u.mul(2 * Math.sqrt(2 / Math.PI)).sigmoid());
}

/** Moves numbers toward 0. */
export function softshrinkOf(x: Variable, { lambda = 0.5 }: SoftshrinkOptions = {}): Variable {
  if (!(lambda >= 0)) {
    throw new RangeError(message`Cannot shrink by lambda ${lambda}: it must be 0 or a positive number`);
  }
  return x.sub(x.clip(-lambda, lambda));
}

/** Fills in the length given as -1. */
export function reshapeTo(x: Variable, shape: Shape): Variable {
  const wild = shape.indexOf(-1);
  if (wild < 0) return apply(op.reshape, [x], { shape: readShape("reshape", shape) });
  const known = sizeOf(shape.filter((_, i) => i !== wild));
  return apply(op.reshape, [x], {
    shape: readShape("reshape", shape.map((n, i) => i === wild ? x.size / known : n)),
  });
}

/** Without axes, reverses their order. */
export function permuteAxes(x: Variable, axes?: readonly number[]): Variable {
  const order = axes?.map((axis) => readAxis("transpose", axis, x.rank)) ??
    x.shape.map((_, i) => x.rank - 1 - i);
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new RangeError(
      message`Cannot transpose shape ${x.shape}: axes ${axes!} must name each axis once`,
    );
  }
  return apply(op.transpose, [x], { axes: order });
}

/** Completes the block with whole axes. */
export function sliceFrom(
  x: Variable,
  begin: number | readonly number[],
  size?: number | readonly number[],
): Variable {
  const begins = typeof begin === "number" ? [begin] : begin;
  const sizes = size === undefined ? [] : typeof size === "number" ? [size] : size;
  const from = x.shape.map((length, i) => {
    const b = begins[i] ?? 0;
    return b < 0 ? b + length : b;
  });
  if (
    begins.length > x.rank || sizes.length > x.rank || [...from, ...sizes].some((n) => n % 1 !== 0)
  ) {
    throw new RangeError(
      message`Cannot slice shape ${x.shape}: begin ${begins} and size ${sizes} must be
      integers, at most one for each axis`,
    );
  }
  const block = x.shape.map((length, i) => {
    const s = sizes[i] ?? -1;
    return s === -1 ? length - from[i]! : s;
  });
  return apply(op.slice, [x], { begin: from, size: block });
}

/** Cross-entropy of logits and labels of the same shape. */
export function sigmoidLoss(x: Variable, labels: Operand, options: LossOptions = {}): Variable {
  const y = toVariable(labels, x.dtype);
  if (formatShape(y.shape) !== formatShape(x.shape)) {
    throw new TypeError(
      message`Cannot take the cross-entropy of logits and labels: shapes ${x.shape} and
      ${y.shape} differ, reshape one of them`,
    );
  }
  return reduceLoss(binary(op.sigmoidCrossEntropy, x, y), options);
}

/** Brings the axis of the classes to the end. */
export function softmaxLoss(x: Variable, labels: Operand, options: LossOptions & AxisOptions = {}): Variable {
  const y = toVariable(labels, x.dtype);
  const axis = readAxis("softmaxCrossEntropy", options.axis ?? -1, x.rank);
  const order = x.shape.map((_, i) => i).filter((i) => i !== axis).concat(axis);
  const last = axis === x.rank - 1;
  const [z, p] = last || y.rank !== x.rank ? [x, y] : [x.transpose(order), y.transpose(order)];
  return reduceLoss(apply(op.softmaxCrossEntropy, [z, p], undefined), options);
}
