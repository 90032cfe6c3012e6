import { GraphLoop, type LoopPart } from "../../../compiler/graph/loop.ts";
import { type Shape, sizeOf } from "../../../array/shape.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { Body, Tensor } from "../body.ts";
import { whileGraphsOf, type WrittenWhile } from "../../../transforms/loops/recorded_while.ts";
import { ELEMENT_TYPES } from "../types.ts";
import type { Refusal, Writing } from "./writing.ts";

/** A loop whose step is a graph becomes a loop of the module: its text does not grow with the steps. */
export function loop(w: Writing<Attributes<"loop">>): Tensor | Refusal {
  const { body, inputs, attributes, type, writeGraph } = w;
  const conditional = whileGraphsOf(attributes);
  if (conditional !== undefined) return writeWhile(w, conditional);
  if (!(attributes instanceof GraphLoop)) return { refused: "its step is not known as rows" };
  const { step, states, slices, length, isReversed } = attributes.iteration;
  const given = inputs.map((x, k) => body.convert(x, ELEMENT_TYPES[step.inputs[k]!.dtype]));
  const start = given.slice(0, states);
  const filled = (parts: readonly LoopPart[]): Tensor[] =>
    parts.map(({ shape }) => body.constant(0, shape, type));
  const outputs = filled(attributes.outputs);
  const kept = filled(attributes.kept);
  const found = body.repeat(
    length,
    [...start, ...outputs, ...kept],
    given.slice(states),
    (i, values, fixed) => {
      const t = isReversed ? body.elementwise("subtract", body.constant(length - 1, [], "i32"), i) : i;
      const before = values.slice(0, states);
      const over = fixed.slice(0, slices).map((x) => sliceAt(body, x, t));
      const results = writeGraph(step, [...before, ...over, ...fixed.slice(slices)]);
      const next = results.slice(0, states).map((x, k) => body.convert(x, before[k]!.type));
      const taken = [...results.slice(states), ...attributes.kept.map((_, k) => before[k]!)];
      const stored = values.slice(states).map((all, k) => putAt(body, all, body.convert(taken[k]!, type), t));
      return [...next, ...stored];
    },
  );
  const flat = found.map((x) => body.convert(body.reshape(x, [sizeOf(x.shape)]), type));
  return body.concat(flat, 0);
}

function startsAt(body: Body, rank: number, t: Tensor): Tensor[] {
  const origin = body.constant(0, [], "i32");
  return Array.from({ length: rank }, (_, i) => i === 0 ? t : origin);
}

/** Slice t along the first axis, which is dropped. */
function sliceAt(body: Body, x: Tensor, t: Tensor): Tensor {
  const rest: Shape = x.shape.slice(1);
  return body.reshape(body.dynamicSlice(x, startsAt(body, x.shape.length, t), [1, ...rest]), rest);
}

/** A tensor with slice t along its first axis replaced. */
function putAt(body: Body, all: Tensor, x: Tensor, t: Tensor): Tensor {
  return body.dynamicUpdate(all, body.reshape(x, [1, ...x.shape]), startsAt(body, all.shape.length, t));
}

/**
 * A loop that ends when its state says so. On the way back, the states that it came through are not there, as their
 * number is not known: for each step back, those before it are taken again.
 */
function writeWhile(w: Writing<unknown>, { step, condition, states, back }: WrittenWhile): Tensor {
  const { body, type, writeGraph } = w;
  const number = (value: number): Tensor => body.constant(value, [], "i32");
  const plus = (x: Tensor, by: number): Tensor => body.elementwise("add", x, number(by));
  const given = w.inputs.map((x, k) => {
    const node = step.inputs[k];
    return node === undefined ? body.convert(x, type) : body.convert(x, ELEMENT_TYPES[node.dtype]);
  });
  const start = given.slice(0, states);
  const fixed = given.slice(states, step.inputs.length);
  const stepFrom = (all: readonly Tensor[]): Tensor[] => writeGraph(step, all).slice(0, states);
  // A condition of NaN, which throws here, ends the loop.
  const goesOn = (all: readonly Tensor[]): Tensor => {
    const [c] = writeGraph(condition, all) as [Tensor];
    const isTrue = body.compare("NE", c, body.constant(0, c.shape, c.type));
    return body.elementwise("and", isTrue, body.compare("EQ", c, c));
  };
  const [count, ...rest] = body.loop(
    [number(0), ...start, ...fixed],
    ([, ...all]) => goesOn(all),
    ([n, ...all]) => [plus(n!, 1), ...stepFrom(all), ...all.slice(states)],
  );
  let results = rest.slice(0, states);
  if (back !== null) {
    const stay = [...start, ...fixed];
    const found = body.loop(
      [count!, ...given.slice(step.inputs.length), ...stay],
      ([i]) => body.compare("GT", i!, number(0)),
      ([i, ...all]) => {
        const slopes = all.slice(0, states);
        const own = all.slice(states);
        const before = body.loop(
          [number(1), i!, ...own],
          ([n, end]) => body.compare("LT", n!, end!),
          ([n, end, ...each]) => [plus(n!, 1), end!, ...stepFrom(each), ...each.slice(states)],
        ).slice(2);
        return [plus(i!, -1), ...writeGraph(back, [...before, ...slopes]), ...own];
      },
    );
    results = found.slice(1, 1 + states);
  }
  return body.concat(results.map((x) => body.convert(body.reshape(x, [sizeOf(x.shape)]), type)), 0);
}
