/** How primitives that move elements are written. */
import type { Shape } from "../../../array/shape.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { Body, Tensor } from "../body.ts";
import { first, second, type Writer } from "./writing.ts";

export const broadcastTo: Writer<Attributes<"broadcastTo">> = (w) => w.body.broadcast(first(w), w.shape);

export const reshape: Writer<Attributes<"reshape">> = (w) => w.body.reshape(first(w), w.shape);

export const cast: Writer<Attributes<"cast">> = (w) => w.body.convert(first(w), w.type);

export const transpose: Writer<Attributes<"transpose">> = (w) =>
  w.body.transpose(first(w), w.attributes.axes);

export const concat: Writer<Attributes<"concat">> = (w) => w.body.concat(w.inputs, w.attributes.axis);

export const slice: Writer<Attributes<"slice">> = (w) => {
  const { begin, size } = w.attributes;
  return w.body.slice(first(w), begin, begin.map((from, i) => from + size[i]!));
};

export const stridedSlice: Writer<Attributes<"stridedSlice">> = (w) => {
  const { begin, size, step } = w.attributes;
  const ranges = begin.map((from, i) => rangeOf(from, size[i]!, step[i]!));
  const block = w.body.slice(
    first(w),
    ranges.map((r) => r.low),
    ranges.map((r) => r.end),
    step.map(Math.abs),
  );
  return w.body.reverse(block, backwardAxes(step));
};

export const place: Writer<Attributes<"place">> = (w) => {
  const { begin, shape } = w.attributes;
  return placed(w.body, first(w), begin, begin.map(() => 1), shape);
};

export const stridedPlace: Writer<Attributes<"stridedPlace">> = (w) => {
  const { begin, step, shape } = w.attributes;
  return placed(w.body, first(w), begin, step, shape);
};

export const assignSlice: Writer<Attributes<"assignSlice">> = (w) => {
  const { body, attributes: { begin, step }, shape } = w;
  const values = second(w);
  const isAssigned = placed(body, body.constant(1, values.shape, "i1"), begin, step, shape);
  return body.select(isAssigned, placed(body, values, begin, step, shape), first(w));
};

export const triangle: Writer<Attributes<"triangle">> = (w) => {
  const { body, shape, attributes: { upper, diagonal } } = w;
  return body.select(triangleMask(body, shape, upper, diagonal), first(w), body.constant(0, shape, w.type));
};

/** Where matrices have their lower or upper part. */
export function triangleMask(body: Body, shape: Shape, upper: boolean, diagonal: number): Tensor {
  const matrix = shape.slice(-2);
  const [rows, columns] = [0, 1].map((axis) => body.iota(matrix, axis, "i32")) as [Tensor, Tensor];
  const moved = body.elementwise("add", rows, body.constant(diagonal, matrix, "i32"));
  return body.broadcast(body.compare(upper ? "GE" : "LE", columns, moved), shape);
}

/** Zeros with a block of elements that lie apart. */
function placed(body: Body, x: Tensor, begin: Shape, step: readonly number[], shape: Shape): Tensor {
  const ranges = begin.map((from, i) => rangeOf(from, x.shape[i]!, step[i]!));
  const inner = step.map((by) => Math.abs(by) - 1);
  const used = x.shape.map((length, i) => length + Math.max(length - 1, 0) * inner[i]!);
  return body.pad(body.reverse(x, backwardAxes(step)), {
    low: ranges.map((r) => r.low),
    high: shape.map((length, i) => length - used[i]! - ranges[i]!.low),
    inner,
  }, 0);
}

/** The first and the end of `count` places from `from` in steps, ascending. */
function rangeOf(from: number, count: number, step: number): { low: number; end: number } {
  if (count === 0) return { low: 0, end: 0 };
  const last = from + (count - 1) * step;
  return { low: Math.min(from, last), end: Math.max(from, last) + 1 };
}

function backwardAxes(step: readonly number[]): number[] {
  return [...step.keys()].filter((axis) => step[axis]! < 0);
}
