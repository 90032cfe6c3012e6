import type { Attributes } from "../../../primitives/mod.ts";
import { writeSlice } from "./shapes.ts";
import type { Writer, Writing } from "./writing.ts";

type Direction = Attributes<"cumSum">;

/**
 * Each element with the one that stands a distance before it, `fill` where there is none. In a recurrence that is done
 * for distances 1, 2, 4, …, each element has seen all before it in the end.
 * Source: Hillis and Steele, Data parallel algorithms, 1986
 */
function shifted(w: Writing<Direction>, x: string, distance: number, fill: number): string {
  const { axis, reverse } = w.attributes;
  const size = w.shape.map((length, i) => i === axis ? length - distance : length);
  const begin = w.shape.map((_, i) => i === axis && reverse ? distance : 0);
  const kept = writeSlice(w, x, { begin, size, step: w.shape.map(() => 1) });
  const before = w.shape.map((_, i) => i === axis && !reverse ? distance : 0);
  const after = w.shape.map((_, i) => i === axis && reverse ? distance : 0);
  return w.emit("Pad", [kept, w.integers([...before, ...after]), w.number(fill)]);
}

/** The distances for an axis. */
function distances({ shape, attributes: { axis } }: Writing<Direction>): number[] {
  const length = shape[axis]!;
  return Array.from({ length: Math.ceil(Math.log2(Math.max(1, length))) }, (_, i) => 2 ** i);
}

export const cumProd: Writer<Direction> = (w) =>
  distances(w).reduce((y, distance) => w.emit("Mul", [y, shifted(w, y, distance, 1)]), w.x);

export const linearRecurrence: Writer<Direction> = (w) => {
  let [factor, result] = [w.x, w.y];
  for (const distance of distances(w)) {
    result = w.emit("Add", [result, w.emit("Mul", [factor, shifted(w, result, distance, 0)])]);
    factor = w.emit("Mul", [factor, shifted(w, factor, distance, 1)]);
  }
  return result;
};

export const logCumSumExp: Writer<Direction> = (w) =>
  distances(w).reduce((y, distance) => {
    const before = shifted(w, y, distance, -Infinity);
    const larger = w.emit("Max", [y, before]);
    const apart = w.emit("Neg", [w.emit("Abs", [w.emit("Sub", [y, before])])]);
    const sum = w.emit("Log", [w.emit("Add", [w.emit("Exp", [apart]), w.number(1)])]);
    const isEqual = w.emit("Equal", [y, before]);
    return w.emit("Add", [larger, w.emit("Where", [isEqual, w.number(Math.LN2), sum])]);
  }, w.x);
