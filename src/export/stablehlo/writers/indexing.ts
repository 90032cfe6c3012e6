/** How primitives that look elements up by indices, and those that sort, are written. */
import { type Shape, sizeOf } from "../../../array/shape.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { Body, Tensor } from "../body.ts";
import { first, second, type Writer } from "./writing.ts";

/** Integers of 32 bits number the elements of an array. */
const INDEX = "i32";

export const gather: Writer<Attributes<"gather">> = (w) => {
  const { body, attributes: { axis }, shape } = w;
  return gatherAlong(body, first(w), body.convert(second(w), INDEX), axis, shape);
};

export const scatterAdd: Writer<Attributes<"scatterAdd">> = (w) => {
  const { body, attributes: { axis, shape }, type } = w;
  const indices = body.convert(second(w), INDEX);
  return scatterAlong(body, body.constant(0, shape, type), indices, first(w), axis, "add");
};

export const takeAlongAxis: Writer<Attributes<"takeAlongAxis">> = (w) => {
  const { body, attributes: { axis } } = w;
  const x = first(w);
  const places = placesAlong(body, second(w), x.shape, axis);
  return gatherAlong(body, flat(body, x), places, 0, w.shape);
};

export const addAlongAxis: Writer<Attributes<"addAlongAxis">> = (w) => {
  const { body, attributes: { axis, shape }, type } = w;
  const places = flat(body, placesAlong(body, second(w), shape, axis));
  const zeros = body.constant(0, [sizeOf(shape)], type);
  return body.reshape(scatterAlong(body, zeros, places, flat(body, first(w)), 0, "add"), shape);
};

export const assignAlongAxis: Writer<Attributes<"assignAlongAxis">> = (w) => {
  const { body, inputs: [x, indices, values], attributes: { axis }, shape } = w;
  const places = flat(body, placesAlong(body, indices!, shape, axis));
  const size = sizeOf(shape);
  // Of values with one place the last stays, in whatever order they are written: the others go nowhere.
  const numbers = body.iota(places.shape, 0, INDEX);
  const none = body.constant(-1, [size], INDEX);
  const last = scatterAlong(body, none, places, numbers, 0, "maximum");
  const stays = body.compare("EQ", gatherAlong(body, last, places, 0, places.shape), numbers);
  const targets = body.select(stays, places, body.constant(size, places.shape, INDEX));
  return body.reshape(scatterAlong(body, flat(body, x!), targets, flat(body, values!), 0, "assign"), shape);
};

export const argSort: Writer<Attributes<"argSort">> = (w) => {
  const { body, attributes: { axis, descending } } = w;
  const x = first(w);
  const scalar = (type: Tensor["type"]) => ({ shape: [], type });
  const parameters = [scalar(x.type), scalar(x.type), scalar(INDEX), scalar(INDEX)];
  const [, order] = body.withRegions(
    "sort",
    [x, body.iota(x.shape, axis, INDEX)],
    `dimension = ${axis} : i64, is_stable = true`,
    [() =>
      body.region(parameters, ([a, b]) => {
        // NaN counts as the largest element.
        const [aIsNaN, bIsNaN] = [a!, b!].map((t) => body.compare("NE", t, t)) as [Tensor, Tensor];
        const [one, other] = descending ? [aIsNaN, bIsNaN] : [bIsNaN, aIsNaN];
        const byNaN = body.elementwise("and", one, body.elementwise("not", other));
        // Ascending, NaN on the left never comes before; descending, only the one on the left does.
        const byValue = body.compare(descending ? "GT" : "LT", a!, b!);
        return [body.elementwise("or", byNaN, byValue)];
      })],
    [{ shape: x.shape, type: x.type }, { shape: x.shape, type: INDEX }],
  );
  return body.convert(order!, w.type);
};

export const searchSorted: Writer<Attributes<"searchSorted">> = (w) => {
  const { body, attributes: { right }, shape } = w;
  const [sorted, values] = w.inputs as [Tensor, Tensor];
  const whole = [...shape, sorted.shape[0]!];
  const [row, column] = [
    body.broadcast(sorted, whole),
    body.broadcast(values, whole, values.shape.map((_, i) => i)),
  ];
  const isBefore = body.compare(right ? "LE" : "LT", row, column);
  const count = body.reduce("add", body.convert(isBefore, INDEX), [shape.length], 0);
  return body.convert(count, w.type);
};

export const checked: Writer<Attributes<"checked">> = (w) => {
  const { body, attributes: { min, max, isInteger } } = w;
  const x = first(w);
  const number = (value: number): Tensor => body.constant(value, x.shape, x.type);
  const inside = body.elementwise(
    "and",
    body.compare("GE", x, number(min)),
    body.compare("LE", x, number(max)),
  );
  const whole = body.compare("EQ", x, body.elementwise("floor", x));
  return body.select(isInteger ? body.elementwise("and", inside, whole) : inside, x, number(NaN));
};

function flat(body: Body, x: Tensor): Tensor {
  return body.reshape(x, [sizeOf(x.shape)]);
}

/** Slices along an axis; NaN, or -1, for indices outside. */
function gatherAlong(body: Body, x: Tensor, indices: Tensor, axis: number, shape: Shape): Tensor {
  const rank = indices.shape.length;
  const length = x.shape[axis]!;
  const missing = body.constant(x.type.startsWith("f") ? NaN : -1, shape, x.type);
  if (length === 0 || sizeOf(shape) === 0) return missing;
  const offsets = shape.map((_, i) => i).filter((i) => i < axis || i >= axis + rank);
  const numbers = [
    ...offsets.length > 0 ? [`offset_dims = [${offsets.join(", ")}]`] : [],
    `collapsed_slice_dims = [${axis}]`,
    `start_index_map = [${axis}]`,
    `index_vector_dim = ${rank}`,
  ];
  const sizes = x.shape.map((n, i) => i === axis ? 1 : n).join(", ");
  const attributes = `dimension_numbers = #stablehlo.gather<${
    numbers.join(", ")
  }>, slice_sizes = array<i64: ${sizes}>`;
  const [found] = body.withRegions("gather", [x, indices], attributes, [], [{ shape, type: x.type }]);
  const isInside = body.elementwise(
    "and",
    body.compare("GE", indices, body.constant(0, indices.shape, INDEX)),
    body.compare("LT", indices, body.constant(length, indices.shape, INDEX)),
  );
  return body.select(
    body.broadcast(isInside, shape, indices.shape.map((_, i) => i + axis)),
    found!,
    missing,
  );
}

/** Slices put into a tensor along an axis, added or instead of what is there; those with indices outside are left out. */
function scatterAlong(
  body: Body,
  into: Tensor,
  indices: Tensor,
  values: Tensor,
  axis: number,
  how: "add" | "maximum" | "assign",
): Tensor {
  const rank = indices.shape.length;
  const windows = values.shape.map((_, i) => i).filter((i) => i < axis || i >= axis + rank);
  const numbers = [
    ...windows.length > 0 ? [`update_window_dims = [${windows.join(", ")}]`] : [],
    `inserted_window_dims = [${axis}]`,
    `scatter_dims_to_operand_dims = [${axis}]`,
    `index_vector_dim = ${rank}`,
  ];
  const scalar = { shape: [], type: into.type };
  const [found] = body.withRegions(
    "scatter",
    [into, indices, values],
    `scatter_dimension_numbers = #stablehlo.scatter<${numbers.join(", ")}>`,
    [() =>
      body.region(
        [scalar, scalar],
        ([old, next]) => [how === "assign" ? next! : body.elementwise(how, old!, next!)],
      )],
    [into],
  );
  return found!;
}

/** The places, in the flattened array, of single elements along an axis; outside of it for indices that are. */
function placesAlong(body: Body, indices: Tensor, shape: Shape, axis: number): Tensor {
  const along = body.convert(indices, INDEX);
  const number = (value: number): Tensor => body.constant(value, along.shape, INDEX);
  let place = body.elementwise("multiply", along, number(sizeOf(shape.slice(axis + 1))));
  shape.forEach((_, i) => {
    if (i === axis || shape[i] === 1) return;
    const step = number(sizeOf(shape.slice(i + 1)));
    const part = body.elementwise("multiply", body.iota(along.shape, i, INDEX), step);
    place = body.elementwise("add", place, part);
  });
  const isInside = body.elementwise(
    "and",
    body.compare("GE", along, number(0)),
    body.compare("LT", along, number(shape[axis]!)),
  );
  return body.select(isInside, place, number(sizeOf(shape)));
}
