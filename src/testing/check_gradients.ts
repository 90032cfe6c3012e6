import {
  POSITIVE,
  readFunction,
  readInteger,
  readIntegers,
  readList,
  readNumber,
  readOptions,
} from "../_internal/readers/mod.ts";
import { message } from "../_internal/message.ts";
import { formatShape } from "../_internal/format.ts";
import { arrayFrom, NdArray } from "../array/nd_array.ts";
import { grad, jvp, vjp } from "../transforms/mod.ts";
import { type ArrayLike, constant, flattenTree, mapTree, type Tree, Variable } from "../variable/mod.ts";
import { isLeaf } from "../transforms/core/arguments.ts";

/** What to check, and how close derivatives must be. */
export interface CheckOptions {
  /** 1 (the default) for first derivatives, 2 for second ones too. */
  readonly order?: 1 | 2;
  /** Which arguments to differentiate by, all by default. The others are passed on. */
  readonly argnums?: readonly number[];
  /** The step of the differences, times the size of each number; 1e-3 by default. */
  readonly step?: number;
  /** The largest difference, times the larger of 1 and the derivative; 1e-6 by default. */
  readonly tolerance?: number;
}

/** A number of an argument: where it is, and what its derivative is said to be. */
interface Element {
  readonly leaf: number;
  readonly index: number;
  readonly actual: number;
}

/**
 * Compares derivatives of a function with differences of its values, number by number, in float64: the walk
 * backwards with central differences at two step sizes, extrapolated (Richardson), and the walk forwards with the
 * walk backwards. A function of several outputs is checked by a weighted sum of them.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape
 * @param inputs The arguments, at a place away from kinks
 * @throws {RangeError} If a derivative differs, or the differences of two step sizes disagree, as they do at a
 *   kink; the message names argument, element, both values and the estimated error of the differences
 *
 * @example
 * ```ts
 * import type { Variable } from "@tapegrad/tapegrad";
 * import { checkGradients } from "@tapegrad/tapegrad/testing";
 *
 * checkGradients((x: Variable, y: Variable) => x.mul(y).sin(), [[1, 2], 3], { order: 2 });
 * ```
 */
export function checkGradients(
  f: (...inputs: Variable[]) => unknown,
  inputs: readonly (ArrayLike | Variable)[],
  options?: CheckOptions,
): void;
/** For a function of trees. */
export function checkGradients<P extends readonly unknown[]>(
  f: (...inputs: P) => unknown,
  inputs: { readonly [K in keyof P]: unknown },
  options?: CheckOptions,
): void;
export function checkGradients(
  f: (...inputs: never[]) => unknown,
  inputs: readonly unknown[],
  options?: CheckOptions,
): void {
  const defaults = { order: 1, argnums: undefined, step: 1e-3, tolerance: 1e-6 } as const;
  const read = readOptions<CheckOptions, typeof defaults>("checkGradients", options, defaults);
  readFunction("checkGradients", "what to check", f);
  readList("checkGradients", "the list of inputs", inputs);
  const order = readInteger("checkGradients", "the option order", read.order, 1, 2);
  const step = readNumber("checkGradients", "the option step", read.step, POSITIVE);
  const tolerance = readNumber("checkGradients", "the option tolerance", read.tolerance, { min: 0 });
  const chosen = read.argnums === undefined
    ? inputs.map((_, i) => i)
    : readIntegers("checkGradients", "the option argnums", read.argnums, 0, inputs.length - 1);
  const trees = chosen.map((i) => inputs[i] as Tree<ArrayLike | Variable>);
  const leaves = trees.flatMap((tree) => flattenTree(tree, isLeaf)).map(toFloat64);
  const names = trees.flatMap((tree, k) => leafNames(tree, `argument ${chosen[k]}`));
  const call = (flat: readonly Variable[]): Variable[] => {
    let next = 0;
    const full = [...inputs] as unknown[];
    trees.forEach((tree, k) => full[chosen[k]!] = mapTree(tree, () => flat[next++]!, isLeaf));
    return flattenTree(f(...full as never[]) as Tree<Variable | number>, isLeaf)
      .map((y) => y instanceof Variable ? y : constant(y));
  };
  const weigh = (flat: readonly Variable[]): Variable => weightedSum(call(flat));
  checkOrder("gradient", weigh, leaves, names, step, tolerance);
  checkTranspose("gradient", weigh, leaves, tolerance);
  if (order === 1) return;
  const slope = (flat: readonly Variable[]): Variable => weightedSum(grad(weigh)(flat) as Variable[]);
  checkOrder("second derivative", slope, leaves, names, step, tolerance);
  checkTranspose("second derivative", slope, leaves, tolerance);
}

function toFloat64(x: ArrayLike | Variable): NdArray {
  return x instanceof Variable ? x.toArray().cast("float64") : arrayFrom(x, "float64");
}

/** How a message names each leaf of a tree. */
function leafNames(tree: unknown, name: string): string[] {
  if (typeof tree !== "object" || tree === null || tree instanceof Variable || isLeaf(tree)) return [name];
  return Object.entries(tree).flatMap(([key, entry]) => leafNames(entry, `${name}.${key}`));
}

/** A sum in which every number has another weight, so that mistakes do not cancel. */
function weightedSum(outputs: readonly Variable[]): Variable {
  let k = 0;
  let total = constant(0);
  for (const y of outputs) {
    const weights = Float64Array.from(
      { length: y.size },
      () => k++ === 0 ? 1 : 0.5 + (k * 0.6180339887498949) % 1,
    );
    total = y.mul(constant(new NdArray(weights, y.shape))).sum().add(total);
  }
  return total;
}

/** Compares the gradient with differences. */
function checkOrder(
  what: string,
  f: (flat: readonly Variable[]) => Variable,
  leaves: readonly NdArray[],
  names: readonly string[],
  step: number,
  tolerance: number,
): void {
  const gradients = grad(f)(leaves.map((x) => constant(x))) as Variable[];
  leaves.forEach((x, leaf) => {
    const { data } = gradients[leaf]!.toArray();
    for (let index = 0; index < x.size; index++) {
      const element: Element = { leaf, index, actual: data[index]! };
      const at = (value: number): number => valueAt(f, leaves, element, value);
      compare(what, element, x, names[leaf]!, differences(at, x.data[index]!, step), tolerance);
    }
  });
}

/** The value of the function with one number moved. */
function valueAt(
  f: (flat: readonly Variable[]) => Variable,
  leaves: readonly NdArray[],
  { leaf, index }: Element,
  value: number,
): number {
  const data = leaves[leaf]!.data.slice();
  data[index] = value;
  return f(leaves.map((a, j) => constant(j === leaf ? new NdArray(data, a.shape) : a))).item();
}

/** A derivative by central differences at two steps, extrapolated to step 0, with an estimate of its error. */
function differences(
  at: (x: number) => number,
  x: number,
  step: number,
): { readonly expected: number; readonly error: number } {
  const h = step * Math.max(1, Math.abs(x));
  const central = (d: number): number => (at(x + d) - at(x - d)) / ((x + d) - (x - d));
  const [wide, narrow, narrower] = [central(h), central(h / 2), central(h / 4)];
  const first = (4 * narrow - wide) / 3;
  const expected = (4 * narrower - narrow) / 3;
  return { expected, error: Math.abs(expected - first) };
}

function compare(
  what: string,
  { index, actual }: Element,
  x: NdArray,
  name: string,
  { expected, error }: { readonly expected: number; readonly error: number },
  tolerance: number,
): void {
  const allowed = tolerance * Math.max(1, Math.abs(expected));
  if (Math.abs(actual - expected) <= allowed) return;
  const where = `${what} by element ${index} of ${name} (shape ${formatShape(x.shape)}, ${x.data[index]})`;
  throw new RangeError(
    error > allowed
      ? `Cannot check the ${where}: differences at two step sizes disagree by ${error}, as at a kink; found ` +
        `${actual}, differences give ${expected}, check at another place or with a smaller step`
      : `Wrong ${where}: found ${actual}, differences give ${expected} with an error of about ${error}`,
  );
}

/** Compares the walk forwards with the walk backwards, along one direction. */
function checkTranspose(
  what: string,
  f: (flat: readonly Variable[]) => Variable,
  leaves: readonly NdArray[],
  tolerance: number,
): void {
  const primals = leaves.map((x) => constant(x));
  const direction = leaves.map((x, k) =>
    constant(
      new NdArray(Float64Array.from(x.data, (_, i) => 1 - ((i + k) * 0.6180339887498949) % 0.9), x.shape),
    )
  );
  const [, moved] = jvp(f)([primals], [direction]);
  const [, pullback] = vjp(f)(primals);
  const [cotangents] = pullback(constant(1)) as unknown as [Variable[]];
  const forwards = moved.item();
  const backwards = cotangents.reduce((sum, ct, k) => sum + ct.mul(direction[k]!).sum().item(), 0);
  if (Math.abs(forwards - backwards) <= tolerance * Math.max(1, Math.abs(backwards))) return;
  throw new RangeError(
    message`Wrong ${what} along a direction: the walk forwards gives ${forwards}, the
    walk backwards ${backwards}`,
  );
}
