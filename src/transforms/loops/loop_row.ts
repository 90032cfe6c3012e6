import { message } from "../../_internal/message.ts";
import { tape } from "../../tape/mod.ts";
import { stack } from "../../functions/mod.ts";
import { rowOf, zerosLike } from "../../variable/rows.ts";
import { untracked, type Variable } from "../../variable/variable.ts";
import { customRow, type GivenDerivatives, pack, packBatch } from "../core/custom_row.ts";
import { runGraph } from "../core/graphs.ts";
import { jvp, vjp } from "../directional.ts";
import { type Loop, runBackward, runTangents } from "./steps.ts";

/**
 * Records the results of a loop as one row, whose derivative runs the derivative of the compiled step over the states.
 *
 * @param name The function that users call, for messages
 * @param results The last state, and the stacked outputs
 * @param batch How the loop runs for many examples at once; by default that is not needed
 */
export function recordLoop(
  name: string,
  loop: Loop,
  results: readonly Variable[],
  batch?: GivenDerivatives["batch"],
): Variable[] {
  const { operands } = loop;
  const { packed, unpack } = pack(results);
  const again = (...values: Variable[]): Variable => {
    const fixed = loop.step.arrays.map((x) => untracked(x, x.dtype));
    return pack(takeRecordedSteps(loop, [...values, ...fixed])).packed;
  };
  const isRecorded = (list: readonly Variable[]): boolean => list.some((x) => rowOf(x) >= 0);
  const row = customRow(name, operands, packed, {
    batch,
    vjp: (values, g) => {
      const inputs = values.slice(0, operands.length);
      if (!isRecorded([...values, g])) return [...runBackward(loop, unpack(g), inputs), undefined];
      if (batch !== undefined && tape.guard?.isBatched) {
        const slopes = runBackward(loop, unpack(g), inputs);
        return [
          ...batchedDerivative(name, [...inputs, g], slopes, (all, size) => {
            const run = (...x: Variable[]): Variable => batch(x, x.map(() => true), size);
            const [, pullback] = vjp(run)(...all.slice(0, -1));
            return (pullback as unknown as (g: Variable) => Variable[])(all.at(-1)!);
          }),
          undefined,
        ];
      }
      const [, pullback] = vjp(again)(...inputs);
      return [...(pullback as (g: Variable) => Variable[])(g), undefined];
    },
    jvp: (values, tangents) => {
      const inputs = values.slice(0, operands.length);
      const moved = inputs.map((x, k) => tangents[k] ?? untracked(zerosLike(x), x.dtype));
      if (!isRecorded([...values, ...moved])) return pack(runTangents(loop, inputs, moved)).packed;
      if (batch !== undefined && tape.guard?.isBatched) {
        const found = runTangents(loop, inputs, moved);
        return pack(batchedDerivative(name, [...inputs, ...moved], [pack(found).packed], (all, size) => {
          const run = (...x: Variable[]): Variable => batch(x, x.map(() => true), size);
          return [jvp(run)(all.slice(0, inputs.length), all.slice(inputs.length))[1] as Variable];
        })).packed;
      }
      return jvp(again)(inputs, moved)[1] as Variable;
    },
  });
  return unpack(row);
}

/**
 * Records derivatives of a loop as a row of its own, because other examples may take another number of steps.
 *
 * @param found The derivatives for this example
 * @param many Those for many examples, along leading axes
 */
function batchedDerivative(
  name: string,
  operands: readonly Variable[],
  found: readonly Variable[],
  many: (operands: readonly Variable[], size: number) => readonly Variable[],
): Variable[] {
  const refuse = (): never => {
    throw new TypeError(
      message`Cannot differentiate the derivative of ${name}() inside vmap(): put vmap() inside, around ${name}() alone`,
    );
  };
  const { packed, unpack } = pack(found);
  const row = customRow(name, operands, packed, {
    vjp: refuse,
    jvp: refuse,
    batch: (all, batched, size) =>
      packBatch(many(all.map((x, k) => batched[k] ? x : x.broadcastTo([size, ...x.shape])), size), size),
  });
  return unpack(row);
}

/** All steps as recorded operations, from the graph of one; gives the last state and the stacked outputs. */
function takeRecordedSteps({ counts, length, step }: Loop, values: readonly Variable[]): Variable[] {
  const { states: count, slices: width } = counts;
  let state = values.slice(0, count);
  const others = values.slice(count + width);
  const columns: Variable[][] = [];
  for (let t = 0; t < length; t++) {
    const slices = values.slice(count, count + width).map((x) => x.slice(t, 1).reshape(x.shape.slice(1)));
    const results = runGraph(step.graph, [...state, ...slices, ...others]);
    state = results.slice(0, count);
    columns.push(results.slice(count));
  }
  const outputs = columns[0]?.map((_, k) => stack(columns.map((list) => list[k]!))) ?? [];
  return [...state, ...outputs];
}
