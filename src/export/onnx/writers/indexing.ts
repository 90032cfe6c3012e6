import type { Attributes } from "../../../primitives/mod.ts";
import { sizeOf } from "../../../array/shape.ts";
import type { Writer } from "./writing.ts";

export const gather: Writer<Attributes<"gather">> = (w) => {
  const pool = w.draft.pooled.get(w.y);
  // Taking the largest elements by their positions is max pooling.
  if (pool !== undefined && w.draft.flattened.get(w.x) === pool.images) return pool.largest;
  return w.emit("Gather", [w.x, w.indices(1)], { axis: w.attributes.axis });
};

export const scatterAdd: Writer<Attributes<"scatterAdd">> = (w) => {
  const { axis, shape } = w.attributes;
  const count = sizeOf(w.shapes[1]!);
  if (count === 0 || sizeOf(shape) === 0) return w.zeros(shape);
  const parts = shape.map((length, i) => i === axis ? count : length);
  const along = w.reshape(w.indices(1), shape.map((_, i) => i === axis ? count : 1));
  const inputs = [w.zeros(shape), w.expand(along, parts), w.reshape(w.x, parts)];
  return w.emit("ScatterElements", inputs, { axis, reduction: "add" });
};

export const takeAlongAxis: Writer<Attributes<"takeAlongAxis">> = (w) =>
  w.emit("GatherElements", [w.x, w.indices(1)], { axis: w.attributes.axis });

export const addAlongAxis: Writer<Attributes<"addAlongAxis">> = (w) => {
  const { axis, shape } = w.attributes;
  return w.emit("ScatterElements", [w.zeros(shape), w.indices(1), w.x], { axis, reduction: "add" });
};

// Where an index comes twice, ONNX leaves open which value stays; ONNX Runtime keeps the last, as we do.
export const assignAlongAxis: Writer<Attributes<"assignAlongAxis">> = (w) =>
  w.emit("ScatterElements", [w.x, w.indices(1), w.inputs[2]!], { axis: w.attributes.axis });

export const argSort: Writer<Attributes<"argSort">> = (w) => {
  const { axis, descending } = w.attributes;
  const inputs = [w.x, w.integers([w.shape[axis]!])];
  const [, positions] = w.draft.emitAll("TopK", inputs, { axis, largest: descending ? 1 : 0, sorted: 1 }, 2);
  return w.cast(positions!, w.dtype);
};

export const searchSorted: Writer<Attributes<"searchSorted">> = (w) => {
  const values = w.reshape(w.y, [...w.shapes[1]!, 1]);
  const below = w.emit(w.attributes.right ? "LessOrEqual" : "Less", [w.x, values]);
  return w.reduce("ReduceSum", w.cast(below, w.dtype), [w.shape.length], false);
};
