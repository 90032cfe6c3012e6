import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import {
  checkOptions,
  type Defaults,
  readChoice,
  readIntegers,
  readOptions,
  readText,
} from "../../_internal/readers/mod.ts";
import { isLeaf, leafTestOf } from "../../transforms/core/arguments.ts";
import { traceGraph } from "../../transforms/core/graphs.ts";
import { type Call, readCall } from "../../transforms/compile/call.ts";
import { donatedLeaves, findDonations } from "../../transforms/compile/compile_branch.ts";
import { constant, mapTree, type Operand, type Tree, Variable } from "../../variable/mod.ts";
import { checkNames, type NamedLeaf, namedLeaves } from "../names.ts";
import { readShardings, type Shardings } from "./shardings.ts";
import { writeModule } from "./write_module.ts";
import type { ProductPrecision } from "./writers/writing.ts";

/** How a function is written as StableHLO. */
export interface StableHloOptions {
  /**
   * Names of the arguments, and of what the function returns: one for each entry if it returns an array, else one. What
   * is inside of an argument or result has its path after that name: `state/trainable/dense/kernel`; with the name `""`
   * the path alone. In the text they are the attributes `jax.arg_info` and `jax.result_info`.
   */
  readonly names?: { readonly inputs?: readonly string[]; readonly outputs?: readonly string[] };
  /** Arguments that are passed on as they are, and fixed in the module, counted from 0. */
  readonly staticArgnums?: readonly number[];
  /** Arguments whose memory the results take over, counted from 0, paired as `compile` pairs them. */
  readonly donate?: readonly number[];
  /** How arguments and results are split over the devices of a mesh; whole on one device by default. */
  readonly shardings?: Shardings;
  /**
   * How products of matrices and convolutions of float32 are computed: `"full"`, the default, in float32 on every
   * device; `"default"` as the device does it best, which is bfloat16 on TPUs; `"bfloat16"` for operands rounded to
   * bfloat16, with sums in float32.
   */
  readonly precision?: ProductPrecision;
  /** The name of the module, `"step"` by default. */
  readonly name?: string;
}

/**
 * Writes a function as the text of a StableHLO module, which XLA compiles for CPUs, GPUs and TPUs, on one machine or
 * many. The function is recorded for the shapes of the examples, as `compile` does, with all that `grad`, optimizers and
 * random keys compute inside of it; so a whole training step is one module. Trainable Variables that it uses beside its
 * arguments are written with their present values.
 *
 * Values have the dtypes they have here: float64 arguments, such as keys and counts of steps, need
 * `jax_enable_x64` and no TPU. Random bits are the same as here. What throws here for certain values does not there: an
 * index out of range reads NaN and writes nothing, a matrix that can't be inverted or factored gives NaN, and so does
 * an element that is checked and out of its range.
 *
 * Refused, each by its name, and rows by their number too:
 * - values that are read while recording (`item()`, `value`, `truthy()`): use `where(condition, a, b)`
 * - derivatives of `cofactor`, which second derivatives of `determinant()` need: use `logDeterminant()`
 *
 * Derivatives of `sinc` of an order that is no constant are NaN above the fourth. `scan` and `whileLoop` become loops of
 * the module; for derivatives of `whileLoop` each step back takes those before it again. Systems of equations and
 * decompositions are loops of the module, the same on all devices; sorts, gathers, convolutions and the like are operations of StableHLO,
 * `erf` and its like of CHLO.
 *
 * @param f A function that `compile` takes
 * @param examples Its arguments, of which only structure, shapes and dtypes count, but for static ones
 * @returns The text of the module; its function `main` has one parameter for each array in the arguments, in order
 * @throws {TypeError} If a row has no counterpart, a value is read, or a name or sharding does not fit
 * @throws {RangeError} If a number of an argument is out of range, or an axis is not a multiple of the devices it is
 *   split over
 * @see https://openxla.org/stablehlo/spec
 *
 * @example A step of gradient descent, the batch split over eight devices
 * ```ts
 * import { type Variable, valueAndGrad, zeros } from "@tapegrad/tapegrad";
 * import { toStableHlo } from "@tapegrad/tapegrad/export";
 *
 * const loss = (w: Variable, x: Variable, y: Variable) => x.matmul(w).sub(y).square().mean();
 * const step = (w: Variable, x: Variable, y: Variable) => {
 *   const [value, slope] = valueAndGrad(loss)(w, x, y);
 *   return [w.sub(slope.mul(0.1)), value];
 * };
 * const text = toStableHlo(step, [zeros([3, 1]), zeros([64, 3]), zeros([64, 1])], {
 *   names: { inputs: ["w", "x", "y"], outputs: ["w", "loss"] },
 *   donate: [0],
 *   shardings: { mesh: { data: 8 }, inputs: { x: ["data"], y: ["data"] } },
 * });
 * console.log(text.includes("stablehlo.dot_general")); // true
 * ```
 */
export function toStableHlo(
  f: (...args: never[]) => unknown,
  examples: readonly unknown[],
  options: StableHloOptions = {},
): string {
  if (typeof f !== "function" || !Array.isArray(examples)) {
    throw new TypeError(
      message`Cannot export ${
        describeValue(typeof f !== "function" ? f : examples)
      } to StableHLO: pass a function and a list of its arguments`,
    );
  }
  const read = readOptions<StableHloOptions, Defaults<StableHloOptions>>("toStableHlo()", options, {
    names: {},
    staticArgnums: [],
    donate: [],
    shardings: undefined,
    precision: "full",
    name: "step",
  });
  const names = readNames(read.names);
  const numbers = (name: "staticArgnums" | "donate"): ReadonlySet<number> =>
    new Set(readIntegers("toStableHlo", `the option ${name}`, read[name]!, 0));
  const statics = numbers("staticArgnums");
  const precision = readChoice("toStableHlo", "the option precision", read.precision!, [
    "full",
    "default",
    "bfloat16",
  ]);
  const call = readCall(examples, statics);
  const inputNames = nameInputs(examples, statics, names.inputs);
  const { graph, captured, result: outputNames } = record(f, call, examples, statics, names.outputs);
  checkNames(inputNames);
  checkNames(outputNames);
  const inputs = inputNames.map((name, i) => ({ name, shape: graph.inputs[i]!.shape }));
  const outputs = outputNames.map((name, i) => ({ name, shape: graph.outputs[i]!.shape }));
  return writeModule({
    name: readText("toStableHlo", "the option name", read.name!),
    graph,
    captured,
    inputNames,
    outputNames,
    aliases: findDonations(donatedLeaves(call, numbers("donate")), graph.inputs, graph.outputs),
    shardings: read.shardings === undefined ? undefined : readShardings(read.shardings, inputs, outputs),
    precision,
  });
}

/** The names that were given. */
interface Names {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

function readNames(names: StableHloOptions["names"]): Names {
  checkOptions("toStableHlo", names, ["inputs", "outputs"]);
  const { inputs = [], outputs = [] } = names ?? {};
  for (const list of [inputs, outputs]) {
    if (Array.isArray(list) && list.every((name) => typeof name === "string")) continue;
    throw new TypeError(message`Cannot export with names ${describeValue(list)}: use lists of texts`);
  }
  return { inputs, outputs };
}

/** The names of the arrays and numbers in the arguments, in the order that calls are read in. */
function nameInputs(
  examples: readonly unknown[],
  statics: ReadonlySet<number>,
  names: readonly string[],
): string[] {
  return examples.flatMap((example, i) => {
    if (statics.has(i)) return [];
    const isInput = leafTestOf(example);
    return namedLeaves(example, names[i] ?? `input_${i}`, isInput)
      .filter(({ leaf }) => typeof leaf === "number" || isInput(leaf)).map(({ name }) => name);
  });
}

/** Records the function; its result are the names of what it returns. */
function record(
  f: (...args: never[]) => unknown,
  call: Call,
  examples: readonly unknown[],
  statics: ReadonlySet<number>,
  names: readonly string[],
): ReturnType<typeof traceGraph<string[]>> {
  const inputs = call.leaves.map((leaf) => ({ ...leaf, name: leaf.variable?.name }));
  return traceGraph(inputs, { where: "toStableHlo()", variablesDiffer: true }, (lifted) => {
    let next = 0;
    const args = examples.map((example, i) => {
      if (statics.has(i)) return example;
      const isInput = leafTestOf(example);
      return mapTree(
        example as Tree<unknown>,
        (leaf) => typeof leaf === "number" || isInput(leaf) ? lifted[next++]! : leaf,
        isInput,
      );
    });
    const outputs = nameResults(f(...args as never[]), names);
    return { outputs: outputs.map(({ value }) => value), result: outputs.map(({ name }) => name) };
  });
}

function nameResults(result: unknown, names: readonly string[]): { name: string; value: Variable }[] {
  const parts: NamedLeaf[] = Array.isArray(result) && !isLeaf(result)
    ? result.map((leaf, i) => ({ name: names[i] ?? `output_${i}`, leaf }))
    : [{ name: names[0] ?? "output", leaf: result }];
  return parts.flatMap(({ name, leaf }) => namedLeaves(leaf, name, isLeaf)).map(({ name, leaf }) => {
    if (leaf instanceof Variable) return { name, value: leaf };
    if (typeof leaf === "number" || isLeaf(leaf)) return { name, value: constant(leaf as Operand) };
    throw new TypeError(
      message`Cannot export to StableHLO: the function must return Variables, in arrays or objects, it returned ${
        describeValue(leaf)
      } as ${name}`,
    );
  });
}
