import type { Attributes } from "../../../primitives/mod.ts";
import { type Shape, sizeOf } from "../../../array/shape.ts";
import type { StridedBlock } from "../../../primitives/indexing/strided_slice.ts";
import type { Writer, Writing } from "./writing.ts";

/** Ends before the first element, for slices that go backwards. */
const BEFORE_FIRST = -(2 ** 31);

/** Every step-th element from begin on, along each axis. */
export function writeSlice(w: Writing<unknown>, x: string, { begin, size, step }: StridedBlock): string {
  if (size.length === 0) return x;
  const ends = begin.map((first, i) => {
    if (size[i] === 0) return first;
    const end = first + size[i]! * step[i]!;
    return end < 0 ? BEFORE_FIRST : end;
  });
  const axes = begin.map((_, i) => i);
  const [starts, stops, along, steps] = [begin, ends, axes, step].map((list) => w.integers(list));
  return w.emit("Slice", [x, starts!, stops!, along!, steps!]);
}

/** Zeros with a value written at every step-th place from begin on, along each axis. */
export function writePlaced(
  w: Writing<unknown>,
  x: string,
  from: Shape,
  to: Shape,
  begin: Shape,
  step: readonly number[],
): string {
  if (sizeOf(from) === 0) return w.zeros(to);
  if (step.every((each) => each === 1)) {
    const after = to.map((length, i) => length - begin[i]! - from[i]!);
    return w.emit("Pad", [x, w.integers([...begin, ...after]), w.number(0)]);
  }
  // One zero is put behind each axis, and taken wherever no element goes.
  return from.reduce((values, length, axis) => {
    if (length === to[axis] && step[axis] === 1) return values;
    const padded = w.emit("Pad", [
      values,
      w.integers([...from.map(() => 0), ...from.map((_, i) => i === axis ? 1 : 0)]),
      w.number(0),
    ]);
    const taken = new Array<number>(to[axis]!).fill(length);
    for (let i = 0; i < length; i++) taken[begin[axis]! + i * step[axis]!] = i;
    return w.emit("Gather", [padded, w.integers(taken)], { axis });
  }, x);
}

export const reshape: Writer<Attributes<"reshape">> = (w) => {
  const flat = w.reshape(w.x, w.shape);
  if (w.shape.length === 1) w.draft.flattened.set(flat, w.x);
  return flat;
};

export const broadcastTo: Writer<Attributes<"broadcastTo">> = (w) => w.expand(w.x, w.shape);

export const transpose: Writer<Attributes<"transpose">> = (w) => w.transpose(w.x, w.attributes.axes);

export const concat: Writer<Attributes<"concat">> = (w) =>
  w.emit("Concat", w.inputs, { axis: w.attributes.axis });

export const cast: Writer<Attributes<"cast">> = (w) => w.x;

export const slice: Writer<Attributes<"slice">> = (w) => {
  const { begin, size } = w.attributes;
  return writeSlice(w, w.x, { begin, size, step: begin.map(() => 1) });
};

export const stridedSlice: Writer<Attributes<"stridedSlice">> = (w) => writeSlice(w, w.x, w.attributes);

export const place: Writer<Attributes<"place">> = (w) => {
  const { begin, shape } = w.attributes;
  return writePlaced(w, w.x, w.shapes[0]!, shape, begin, begin.map(() => 1));
};

export const stridedPlace: Writer<Attributes<"stridedPlace">> = (w) => {
  const { begin, step, shape } = w.attributes;
  return writePlaced(w, w.x, w.shapes[0]!, shape, begin, step);
};

export const triangle: Writer<Attributes<"triangle">> = (w) =>
  w.emit("Trilu", [w.x, w.integer(w.attributes.diagonal)], { upper: w.attributes.upper ? 1 : 0 });

export const assignSlice: Writer<Attributes<"assignSlice">> = (w) => {
  const { begin, step } = w.attributes;
  const size = w.shapes[1]!;
  if (sizeOf(size) === 0) return w.x;
  const placed = (values: string): string => writePlaced(w, values, size, w.shape, begin, step);
  return w.emit("Where", [w.condition(placed(w.expand(w.number(1), size))), placed(w.y), w.x]);
};
