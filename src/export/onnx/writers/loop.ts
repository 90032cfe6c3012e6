import { message } from "../../../_internal/message.ts";
import { type Shape, sizeOf } from "../../../array/shape.ts";
import { GraphLoop } from "../../../compiler/mod.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import { writeSlice } from "./shapes.ts";
import type { Writer, Writing } from "./writing.ts";

/** A loop, written step by step: not every runtime has loops. */
export const loop: Writer<Attributes<"loop">> = (w) => {
  const { attributes } = w;
  if (!(attributes instanceof GraphLoop)) {
    throw new TypeError(message`Cannot export loop: its step is no graph (of ${w.shapes})`);
  }
  const { step, states, slices, length, isReversed } = attributes.iteration;
  const operands = w.inputs.map((x, k) => {
    const { dtype } = step.inputs[k]!;
    return w.dtypes[k] === dtype ? x : w.cast(x, dtype);
  });
  const over = operands.slice(states, states + slices);
  const fixed = operands.slice(states + slices);
  let state = operands.slice(0, states);
  const outputs = attributes.outputs.map(() => new Array<string>(length));
  const kept = attributes.kept.map(() => new Array<string>(length));
  for (let i = 0; i < length; i++) {
    const t = isReversed ? length - 1 - i : i;
    kept.forEach((list, k) => list[t] = state[k]!);
    const parts = over.map((x, k) => sliceAt(w, x, w.shapes[states + k]!, t));
    const found = w.writeGraph(step, [...state, ...parts, ...fixed]);
    state = found.slice(0, states);
    outputs.forEach((list, k) => list[t] = found[states + k]!);
  }
  const { last } = attributes;
  return join(w, [
    ...last.map(({ offset, shape }, k) => ({ offset, values: [state[k]!], shape })),
    ...attributes.outputs.map(({ offset, shape }, k) => ({
      offset,
      values: outputs[k]!,
      shape: shape.slice(1),
    })),
    ...attributes.kept.map(({ offset, shape }, k) => ({ offset, values: kept[k]!, shape: shape.slice(1) })),
  ]);
};

/** Slice t along the first axis. */
function sliceAt(w: Writing<unknown>, x: string, shape: Shape, t: number): string {
  const rest = shape.slice(1);
  const begin = [t, ...rest.map(() => 0)];
  const block = writeSlice(w, x, { begin, size: [1, ...rest], step: shape.map(() => 1) });
  return w.reshape(block, rest);
}

/** Values one after the other, and where each kind of them starts. */
function join(
  w: Writing<unknown>,
  kinds: readonly { readonly offset: number; readonly values: readonly string[]; readonly shape: Shape }[],
): string {
  const parts = kinds.map(({ offset, values, shape }) => {
    const flat = values.map((x) => w.reshape(x, [sizeOf(shape)]));
    const name = flat.length === 1 ? flat[0]! : w.emit("Concat", flat, { axis: 0 });
    return [offset, { name, size: sizeOf(shape) * values.length }] as const;
  });
  const whole = w.emit("Concat", parts.map(([, { name }]) => name), { axis: 0 });
  w.draft.joined.set(whole, new Map(parts));
  return whole;
}
