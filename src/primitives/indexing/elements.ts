/** Elements named by arrays of indices: read, added to, and replaced. */
import { message } from "../../_internal/message.ts";
import { allocate } from "../../array/dtype.ts";
import {
  addAlongAxisTo,
  addToRows,
  assignAlongAxisArray,
  checkIndices,
  takeAlongAxisArray,
} from "../../array/indexing.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { gatherArray, scatterAddArray } from "../../array/strided_copy.ts";
import { toArray } from "../../array/value.ts";
import { everyBatched, indicesAlong, shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";

/** Slices of the first operand along an axis, chosen by the integers in the second. */
export const gather: Primitive<2, { readonly axis: number }> = {
  arity: 2,
  shape: ([x, indices], { axis }) => [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)],
  forward: ([x, indices], { axis }) => {
    const source = toArray(x);
    const positions = toArray(indices);
    checkIndices("gather", positions, source.shape, axis);
    return gatherArray(source, positions, axis);
  },
  vjp: [
    ({ ops, y, shapes, attributes: { axis } }, g) => ops.scatterAdd(g, y, { axis, shape: shapes[0]! }),
    null,
  ],
  linear: true,
  accumulate: (into, g, { axis }, [, indices]) => addToRows(into, g, indices!, axis),
  untyped: [1],
  batch: (c) => {
    const { ops, inputs: [x, indices], batched, size, shapes, shape, attributes: { axis } } = c;
    if (!batched[1]) return ops.gather(x!, indices!, { axis: axis + 1 });
    const along = indicesAlong(ops, indices!, size, axis, shapes[0]!, sizeOf(shapes[1]!));
    const taken = ops.takeAlongAxis(everyBatched(c)[0]!, along, { axis: axis + 1 });
    return ops.reshape(taken, { shape: [size, ...shape] });
  },
  samples: [
    { shapes: [[4], [3]], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[2, 4], [2, 3]], attributes: { axis: 1 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[4, 2], []], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
  ],
};

/** Zeros into which slices are added at the given places along an axis: the transpose of gather. */
export const scatterAdd: Primitive<2, { readonly axis: number; readonly shape: Shape }> = {
  arity: 2,
  shape: (_, { shape }) => shape,
  forward: ([g, indices], { axis, shape }) => {
    const positions = toArray(indices);
    checkIndices("scatter", positions, shape, axis);
    return scatterAddArray(toArray(g), positions, axis, shape);
  },
  vjp: [({ ops, y, attributes: { axis } }, g) => ops.gather(g, y, { axis }), null],
  linear: true,
  untyped: [1],
  batch: (c) => {
    const { ops, inputs: [g, indices], batched, size, shapes, attributes: { axis, shape } } = c;
    const whole = [size, ...shape];
    if (!batched[1]) return ops.scatterAdd(g!, indices!, { axis: axis + 1, shape: whole });
    const count = sizeOf(shapes[1]!);
    const along = indicesAlong(ops, indices!, size, axis, shape, count);
    const parts = [size, ...shape.map((length, i) => i === axis ? count : length)];
    return ops.addAlongAxis(ops.reshape(everyBatched(c)[0]!, { shape: parts }), along, {
      axis: axis + 1,
      shape: whole,
    });
  },
  samples: [
    { shapes: [[3], [3]], attributes: { axis: 0, shape: [4] }, integers: [1], domains: [[-2, 2], [0, 4]] },
    {
      shapes: [[2, 3], [3]],
      attributes: { axis: 1, shape: [2, 4] },
      integers: [1],
      domains: [[-2, 2], [0, 4]],
    },
  ],
};

/**
 * Checks that indices can name single elements along an axis: they have the array's lengths on all others.
 *
 * @throws {TypeError} If they have not
 */
function checkAlong(operation: string, shape: Shape, indices: Shape, axis: number): void {
  const fits = shape.length === indices.length &&
    shape.every((length, i) => i === axis || length === indices[i]);
  if (fits) return;
  throw new TypeError(
    message`Cannot ${operation} along axis ${axis} of shape ${shape}: the indices have
    shape ${indices}, which must be the same on the other axes`,
  );
}

/**
 * Checks that there is one value for each index.
 *
 * @throws {TypeError} If there is not
 */
function checkValues(operation: string, values: Shape, indices: Shape): void {
  if (values.length === indices.length && values.every((length, i) => length === indices[i])) return;
  throw new TypeError(
    message`Cannot ${operation}: shapes ${values} and ${indices} of values and indices
    differ`,
  );
}

/** Single elements of the first operand along an axis, chosen by the integers in the second. */
export const takeAlongAxis: Primitive<2, { readonly axis: number }> = {
  arity: 2,
  shape: ([x, indices], { axis }) => {
    checkAlong("take elements", x, indices, axis);
    return indices;
  },
  forward: ([x, indices], { axis }) => {
    const source = toArray(x);
    const positions = toArray(indices);
    checkIndices("take elements", positions, source.shape, axis);
    return takeAlongAxisArray(source, positions, axis);
  },
  vjp: [
    ({ ops, y, shapes, attributes: { axis } }, g) => ops.addAlongAxis(g, y, { axis, shape: shapes[0]! }),
    null,
  ],
  linear: true,
  accumulate: (into, g, { axis }, [, indices]) => addAlongAxisTo(into, toArray(g), toArray(indices!), axis),
  untyped: [1],
  batch: shiftAxis,
  samples: [
    { shapes: [[4], [3]], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[2, 4, 2], [2, 3, 2]], attributes: { axis: 1 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[2, 1], [2, 3]], attributes: { axis: 1 }, integers: [1], domains: [[-2, 2], [0, 1]] },
    { shapes: [[2, 3], [2, 0]], attributes: { axis: 1 }, integers: [1] },
  ],
};

/** Zeros to which single elements are added along an axis: the transpose of takeAlongAxis. */
export const addAlongAxis: Primitive<2, { readonly axis: number; readonly shape: Shape }> = {
  arity: 2,
  shape: ([values, indices], { axis, shape }) => {
    checkAlong("add elements", shape, indices, axis);
    checkValues("add elements", values, indices);
    return shape;
  },
  forward: ([values, indices], { axis }, shape, dtype) => {
    const positions = toArray(indices);
    checkIndices("add elements", positions, shape, axis);
    const out = new NdArray(allocate(dtype, sizeOf(shape)), shape);
    addAlongAxisTo(out, toArray(values), positions, axis);
    return out;
  },
  vjp: [({ ops, y, attributes: { axis } }, g) => ops.takeAlongAxis(g, y, { axis }), null],
  linear: true,
  untyped: [1],
  batch: (c) => {
    const [values, indices] = everyBatched(c);
    const { axis, shape } = c.attributes;
    return c.ops.addAlongAxis(values!, indices!, { axis: axis + 1, shape: [c.size, ...shape] });
  },
  samples: [
    { shapes: [[3], [3]], attributes: { axis: 0, shape: [4] }, integers: [1], domains: [[-2, 2], [0, 4]] },
    {
      shapes: [[2, 3, 2], [2, 3, 2]],
      attributes: { axis: 1, shape: [2, 4, 2] },
      integers: [1],
      domains: [[-2, 2], [0, 4]],
    },
    { shapes: [[2, 0], [2, 0]], attributes: { axis: 1, shape: [2, 3] }, integers: [1] },
  ],
};

/** The attributes of {@linkcode assignAlongAxis}. */
interface Along {
  /** The axis, not negative. */
  readonly axis: number;
}

/**
 * The first operand with single elements along an axis, chosen by the integers in the second, replaced by
 * those of the third. Where an index comes twice, the last value stays, and it alone has a derivative.
 */
export const assignAlongAxis: Primitive<3, Along> = {
  arity: 3,
  shape: ([x, indices, values], { axis }) => {
    checkAlong("assign elements", x, indices, axis);
    checkValues("assign elements", values, indices);
    return x;
  },
  forward: ([x, indices, values], { axis }, shape, dtype) => {
    const positions = toArray(indices);
    checkIndices("assign elements", positions, shape, axis);
    return assignAlongAxisArray(toArray(x), positions, toArray(values), axis, dtype);
  },
  vjp: [
    (c, g) => cleared(c, g),
    null,
    (c, g) => c.ops.mul(c.ops.takeAlongAxis(g, c.y, c.attributes), remains(c)),
  ],
  jvp: [
    (c, dx) => cleared(c, dx),
    null,
    (c, dv) => c.ops.assignAlongAxis(c.ops.broadcastTo(0, { shape: c.shape }), c.y, dv, c.attributes),
  ],
  untyped: [1],
  batch: shiftAxis,
  samples: [
    {
      shapes: [[4], [3], [3]],
      attributes: { axis: 0 },
      integers: [1],
      domains: [[-2, 2], [0, 4], [-2, 2]],
    },
    {
      shapes: [[2, 3, 2], [2, 5, 2], [2, 5, 2]],
      attributes: { axis: 1 },
      integers: [1],
      domains: [[-2, 2], [0, 3], [-2, 2]],
    },
    { shapes: [[2, 3], [2, 0], [2, 0]], attributes: { axis: 1 }, integers: [1] },
  ],
};

/** A derivative by the first operand, with zeros where its elements are replaced. */
function cleared<T>({ ops, y, shapes, attributes }: RuleContext<T, Along>, g: T): T {
  return ops.assignAlongAxis(g, y, ops.broadcastTo(0, { shape: shapes[1]! }), attributes);
}

/** 1 for each value that stays, 0 for one that a later value replaces. */
function remains<T>({ ops, y, shapes, shape, attributes }: RuleContext<T, Along>): T {
  const ones = ops.broadcastTo(1, { shape: shapes[1]! });
  const numbers = ops.cumSum(ones, { axis: attributes.axis, reverse: false });
  const written = ops.assignAlongAxis(ops.broadcastTo(0, { shape }), y, numbers, attributes);
  return ops.eq(ops.takeAlongAxis(written, y, attributes), numbers);
}
