import { cutGraph } from "../compiler/mod.ts";
import { INPUT, tape } from "../tape/mod.ts";
import { zerosLike } from "../variable/rows.ts";
import { handleOf } from "../variable/variable.ts";
import { numbersToConstants, readArgnums, readArguments, readMatching } from "./core/arguments.ts";
import { runGraph } from "./core/run_graph.ts";
import { zeros } from "./core/adapt.ts";
import type { LoweredArguments } from "./grad.ts";
import { guarded } from "./core/guard.ts";
import { traceFunction } from "./core/trace_function.ts";
import { recordedForwardWalk } from "./core/differentiable_walks.ts";
import type { Like, Variables } from "./core/types.ts";

/**
 * The outputs of a function, and its linear part at that place as a function of tangents: what {@linkcode jvp}
 * gives, for any number of directions, without running the function again.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @returns A function of the arguments that gives `[outputs, linear]`; `linear(...tangents)` takes one tangent for
 *   each argument, of its structure and shape, and gives the tangents of the outputs
 * @throws {TypeError} When called: if f is async or returns something else, or tangents do not fit
 *
 * @example
 * ```ts
 * import { linearize, type Variable } from "@tapegrad/tapegrad";
 *
 * const [y, linear] = linearize((x: Variable) => x.square())(3);
 * console.log(y.item(), linear(1).item(), linear(2).item()); // 9 6 12
 * ```
 */
export function linearize<P extends readonly unknown[], Y>(
  f: (...args: P) => Y,
): (...args: LoweredArguments<P>) => [
  outputs: Variables<Y>,
  linear: (...tangents: { readonly [K in keyof P]: Like<P[K]> }) => Variables<Y>,
] {
  return function linearized(...args) {
    const chosen = readArgnums("linearize", f, args.map((_, i) => i), args.length);
    const read = readArguments("linearize", args.map(numbersToConstants), chosen, args);
    return traceFunction("linearize", f as (...args: never[]) => unknown, read, { hasAux: false }, (r) => {
      const { frame, inputs, inputRows, outputs, outputRows, rebuild } = r;
      const directions = inputs.map((x) => handleOf(tape.leaf(INPUT, zerosLike(x), x.dtype)));
      const seeds = directions.map((d, i) => [inputRows[i]!, d] as const);
      const start = directions[0]?.row ?? tape.length;
      const tangents = guarded(
        { where: "linearize", inputs: directions.map((d) => d.row) },
        () => recordedForwardWalk(tape, frame.mark, seeds),
      );
      const moved = outputRows.map((row) => tangents.get(row) ?? zeros(outputs[outputRows.indexOf(row)]!));
      const rows = moved.map((t) =>
        t.row >= 0 ? t.row : handleOf(tape.leaf(INPUT, zerosLike(t), t.dtype)).row
      );
      const { graph, outside } = cutGraph(tape, start, directions.map((d) => d.row), rows, "dependent");
      const fixed = outside.map(handleOf);
      if (r.isNested) frame.keepsRows = true;
      const like = read.regroup(inputs.map(zeros));
      const linear = (...given: unknown[]): unknown =>
        rebuild(runGraph(graph, [...readMatching("linearize", "tangent", given, like), ...fixed]));
      return [rebuild(outputs.map(r.detachUnlessNested)), linear] as never;
    });
  };
}
