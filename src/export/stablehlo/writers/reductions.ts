/** How reductions are written, and what accumulates along an axis. */
import { reducedShape, type Shape } from "../../../array/shape.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { Body, Combination, Tensor } from "../body.ts";
import { first, second, type Writer, type Writing } from "./writing.ts";

type Reduction = Attributes<"sum">;
type Direction = Attributes<"cumSum">;

const reduction = (how: Combination, start: number): Writer<Reduction> => (w) =>
  w.body.reshape(w.body.reduce(how, first(w), w.attributes.axes, start), w.shape);

export const sum: Writer<Reduction> = reduction("add", 0);

export const max: Writer<Reduction> = reduction("maximum", -Infinity);

export const min: Writer<Reduction> = reduction("minimum", Infinity);

export const prod: Writer<Attributes<"prod">> = (w) =>
  w.body.reduce("multiply", first(w), [w.attributes.axis], 1);

export const norm: Writer<Attributes<"norm">> = (w) => {
  const { ops, attributes: { order, axes, keepDims } } = w;
  const x = first(w);
  const size = ops.abs(x);
  if (axes.length === 0) return size;
  if (order === 1) return ops.sum(size, { axes, keepDims });
  // Divided by the largest element, so that no power overflows.
  const whole = w.body.reshape(w.body.reduce("maximum", size, axes, 0), reducedShape(x.shape, axes, true));
  const fits = ops.mul(ops.gt(whole, 0), ops.lt(whole, Infinity));
  const scale = ops.where(fits, whole, 1);
  const share = ops.div(size, scale);
  const total = ops.sum(order === 2 ? ops.square(share) : ops.pow(share, order), { axes, keepDims: true });
  const length = ops.mul(order === 2 ? ops.sqrt(total) : ops.pow(total, 1 / order), scale);
  return w.body.reshape(length, w.shape);
};

export const logSumExp: Writer<Reduction> = (w) => {
  const { ops, body, attributes: { axes } } = w;
  const x = first(w);
  const largest = body.reshape(body.reduce("maximum", x, axes, -Infinity), reducedShape(x.shape, axes, true));
  // Where the largest is infinite it is the result, and nothing may be taken from it.
  const isInfinite = ops.eq(ops.abs(largest), Infinity);
  const shift = ops.where(isInfinite, 0, largest);
  const total = ops.log(ops.sum(ops.exp(ops.sub(x, shift)), { axes, keepDims: true }));
  return body.reshape(ops.where(isInfinite, largest, ops.add(total, shift)), w.shape);
};

export const argMax: Writer<Attributes<"argMax">> = (w) => {
  const x = first(w);
  const { axis } = w.attributes;
  const positions = w.body.iota(x.shape, axis, "i32");
  const shape = x.shape.filter((_, i) => i !== axis);
  return w.body.convert(largestAndWhere(w.body, x, positions, axis, shape), w.type);
};

/** Where the largest element along an axis is; of equal ones the first, and the first NaN before all. */
export function largestAndWhere(
  body: Body,
  x: Tensor,
  positions: Tensor,
  axis: number,
  shape: Shape,
): Tensor {
  const inits = [body.constant(-Infinity, [], x.type), body.constant(2 ** 31 - 1, [], "i32")];
  const [, where] = body.withRegions("reduce", [x, positions, ...inits], `dimensions = array<i64: ${axis}>`, [
    () =>
      body.region([...inits, ...inits], ([a, i, b, j]) => {
        const isFirst = comesBefore(body, a!, i!, b!, j!);
        return [body.select(isFirst, a!, b!), body.select(isFirst, i!, j!)];
      }),
  ], [{ shape, type: x.type }, { shape, type: "i32" }]);
  return where!;
}

/** Whether the element a at i is larger than b at j, or equal and before it; NaN is larger than all. */
export function comesBefore(body: Body, a: Tensor, i: Tensor, b: Tensor, j: Tensor): Tensor {
  const op = (name: string, x: Tensor, y: Tensor): Tensor => body.elementwise(name, x, y);
  const [aIsNaN, bIsNaN] = [a, b].map((x) => body.compare("NE", x, x)) as [Tensor, Tensor];
  const larger = op("or", body.compare("GT", a, b), op("and", aIsNaN, body.elementwise("not", bIsNaN)));
  const equal = op("or", body.compare("EQ", a, b), op("and", aIsNaN, bIsNaN));
  return op("or", larger, op("and", equal, body.compare("LT", i, j)));
}

/**
 * What accumulates along an axis, by doubling: after step k each element has combined the 2^k elements up to it, so
 * that log2(n) steps serve n elements, all at once.
 *
 * @param combine Of what was accumulated before, and at an element
 */
function accumulate(
  { body }: Writing<unknown>,
  parts: readonly Tensor[],
  { axis, reverse }: Direction,
  combine: (before: Tensor[], at: Tensor[]) => Tensor[],
): Tensor[] {
  const length = parts[0]!.shape[axis]!;
  let state = [...parts];
  for (let by = 1; by < length; by *= 2) {
    const cut = (from: number, end: number): Tensor[] => state.map((x) => body.part(x, axis, from, end));
    const edge = reverse ? cut(length - by, length) : cut(0, by);
    const moved = reverse
      ? combine(cut(by, length), cut(0, length - by))
      : combine(cut(0, length - by), cut(by, length));
    state = moved.map((x, k) => body.concat(reverse ? [x, edge[k]!] : [edge[k]!, x], axis));
  }
  return state;
}

export const cumSum: Writer<Direction> = (w) =>
  accumulate(w, w.inputs, w.attributes, ([a], [b]) => [w.ops.add(a!, b!)])[0]!;

export const cumProd: Writer<Direction> = (w) =>
  accumulate(w, w.inputs, w.attributes, ([a], [b]) => [w.ops.mul(a!, b!)])[0]!;

export const logCumSumExp: Writer<Direction> = (w) =>
  accumulate(w, w.inputs, w.attributes, ([a], [b]) => [w.ops.logAddExp(a!, b!)])[0]!;

export const linearRecurrence: Writer<Direction> = (w) =>
  accumulate(w, [first(w), second(w)], w.attributes, ([a, b], [factor, term]) => [
    w.ops.mul(factor!, a!),
    w.ops.add(w.ops.mul(factor!, b!), term!),
  ])[1]!;

export const argCumMax: Writer<Attributes<"argCumMax">> = (w) => {
  const { body, attributes: { axis } } = w;
  const x = first(w);
  const start = [x, body.iota(x.shape, axis, "i32")];
  // Of equal elements the last one counts, and NaN is larger than all.
  const [, where] = accumulate(w, start, { axis, reverse: false }, ([a, i], [b, j]) => {
    const isNaN = body.compare("NE", b!, b!);
    const isLast = body.elementwise("or", body.compare("GE", b!, a!), isNaN);
    return [body.select(isLast, b!, a!), body.select(isLast, j!, i!)];
  });
  return body.convert(where!, w.type);
};
