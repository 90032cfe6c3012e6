import type { Shape } from "../array/shape.ts";
import type { BatchContext, Ops } from "./primitive.ts";

/**
 * The operands of a batched row in shapes that broadcast as those of one example do: behind the batch axis,
 * axes of length 1 fill up to the rank of the result.
 */
export function alignBatches<T, B>({ ops, inputs, batched, shapes, shape, size }: BatchContext<T, B>): T[] {
  return inputs.map((x, k) => {
    const missing = shape.length - shapes[k]!.length;
    if (!batched[k] || missing <= 0) return x;
    return ops.reshape(x, { shape: [size, ...new Array<number>(missing).fill(1), ...shapes[k]!] });
  });
}

/** The operands of a batched row, those without a batch axis repeated along one. */
export function everyBatched<T, B>({ ops, inputs, batched, shapes, size }: BatchContext<T, B>): T[] {
  return inputs.map((x, k) => batched[k] ? x : ops.broadcastTo(x, { shape: [size, ...shapes[k]!] }));
}

/**
 * Indices of a gather along an axis of `shape`, given for each example, as takeAlongAxis wants them: one for
 * every element that is taken.
 */
export function indicesAlong<T>(
  ops: Ops<T>,
  indices: T,
  size: number,
  axis: number,
  shape: Shape,
  count: number,
): T {
  const lengths = (other: (length: number) => number): number[] => [
    size,
    ...shape.map((length, i) => i === axis ? count : other(length)),
  ];
  return ops.broadcastTo(ops.reshape(indices, { shape: lengths(() => 1) }), { shape: lengths((n) => n) });
}

/** The batching rule of what already runs over leading axes that broadcast. */
export function alongLeadingAxes<T>(c: BatchContext<T, unknown>): T {
  return c.ops.apply(c.operation, alignBatches(c), c.attributes);
}

/** The batching rule of what works along one axis: behind the batch axis, that is the next one. */
export function shiftAxis<T>(c: BatchContext<T, { readonly axis: number }>): T {
  return c.ops.apply(c.operation, everyBatched(c), { ...c.attributes, axis: c.attributes.axis + 1 });
}

/** The batching rule of what works along several axes: each is the next one behind the batch axis. */
export function shiftAxes<T>(c: BatchContext<T, { readonly axes: readonly number[] }>): T {
  const axes = c.attributes.axes.map((axis) => axis + 1);
  return c.ops.apply(c.operation, everyBatched(c), { ...c.attributes, axes });
}
