import { GraphLoop, type LoopPart } from "../../../compiler/graph/loop.ts";
import { type Shape, sizeOf } from "../../../array/shape.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { Body, Tensor } from "../body.ts";
import { ELEMENT_TYPES } from "../types.ts";
import type { Refusal, Writing } from "./writing.ts";

/** A loop whose step is a graph becomes a loop of the module: its text does not grow with the steps. */
export function loop(w: Writing<Attributes<"loop">>): Tensor | Refusal {
  const { body, inputs, attributes, type, writeGraph } = w;
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
