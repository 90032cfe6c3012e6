import { checkOptions, readBoolean, readFunction } from "../_internal/readers/mod.ts";
import { knownNumber, plainValue } from "./rows.ts";
import { apply } from "./apply.ts";
import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import { checkDType, type DType } from "../array/dtype.ts";
import { arrayFrom, fullArray, type NdArray } from "../array/nd_array.ts";
import { SCALAR } from "../array/shape.ts";
import { operation } from "../primitives/mod.ts";
import { tape } from "../tape/mod.ts";
import { mapTree, type Tree } from "./tree.ts";
import { type Operand, untracked, Variable } from "./variable.ts";

/** How a Variable is made. */
export interface VariableOptions {
  /** Shown in tables and pictures. */
  readonly name?: string;
  /** The element type; by default that of the data, float64 for numbers and nested arrays. */
  readonly dtype?: DType;
  /** Whether operations on it are recorded and `backward` fills its `grad`; true by default. */
  readonly trainable?: boolean;
}

/** Stands for options that were left out, which need no reading. */
const NO_OPTIONS: VariableOptions = {};

/**
 * Makes a Variable: a parameter to be trained, or an input to differentiate by.
 *
 * @param value A number, nested arrays of numbers, or a typed array (copied)
 * @param options Name, dtype, and whether it is trainable
 * @throws {TypeError} If the value is not made of numbers, or is ragged
 *
 * @example
 * ```ts
 * import { variable } from "@tapegrad/tapegrad";
 *
 * const x = variable(3, { name: "x" });
 * x.square().backward();
 * console.log(x.grad?.item()); // 6
 * ```
 */
export function variable(value: Operand, options: VariableOptions = NO_OPTIONS): Variable {
  if (options !== NO_OPTIONS) checkOptions("variable", options, ["name", "dtype", "trainable"]);
  const { trainable = true } = options;
  if (trainable !== true) readBoolean("variable", "the option trainable", trainable);
  return makeVariable(value, options.dtype, options.name, trainable);
}

/**
 * Makes a Variable that no derivative flows through: data, labels, masks.
 *
 * @param value A number, nested arrays of numbers, a typed array (copied), or a Variable to detach
 * @param options Name and dtype
 * @throws {TypeError} If the value is not made of numbers, or is ragged
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 *
 * console.log(constant([1, 2]).mul(2).value); // [2, 4]
 * ```
 */
export function constant(value: Operand, options: Omit<VariableOptions, "trainable"> = NO_OPTIONS): Variable {
  if (options !== NO_OPTIONS) checkOptions("constant", options, ["name", "dtype"]);
  return makeVariable(value, options.dtype, options.name, false);
}

/**
 * The value of a Variable as a constant: derivatives stop here.
 *
 * @example
 * ```ts
 * import { grad, stopGradient, type Variable } from "@tapegrad/tapegrad";
 *
 * console.log(grad((x: Variable) => x.mul(stopGradient(x)))(3)); // 3
 * ```
 */
export function stopGradient(x: Variable): Variable {
  if (!(x instanceof Variable)) {
    throw new TypeError(message`Cannot stop the gradient of ${describeValue(x)}: pass a Variable`);
  }
  if (tape.isTracing) return apply(operation.stopGradient, [x], undefined);
  return untracked(plainValue(x), x.dtype);
}

/**
 * Runs a function without recording what it does on trainable Variables: for evaluation and updates.
 *
 * @param f What to run; must not be async
 * @returns What it returns
 * @throws {TypeError} If f returns a Promise
 *
 * @example
 * ```ts
 * import { noGrad, tape, variable } from "@tapegrad/tapegrad";
 *
 * const w = variable(2);
 * const y = noGrad(() => w.mul(3));
 * console.log(y.value, tape.length); // 6 0
 * ```
 */
export function noGrad<R>(f: () => R): R {
  readFunction("noGrad", "what to run", f);
  // What is recorded for other values too needs every row.
  if (tape.isTracing) {
    const detach = (x: unknown): unknown => x instanceof Variable ? stopGradient(x) : x;
    return mapTree(checkSynchronous(f()) as Tree<unknown>, detach) as R;
  }
  return tape.scope({ recording: false }, () => checkSynchronous(f()));
}

/** Refuses a Promise: what an async function does after its first await would be recorded all the same. */
function checkSynchronous<R>(result: R): R {
  if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== "function") return result;
  (result as PromiseLike<unknown>).then(undefined, () => {});
  throw new TypeError(
    "Cannot use noGrad() around an async function: what it does after an await would be recorded; await the data " +
      "first, then call noGrad() around the synchronous part",
  );
}

/** Makes a Variable with a name or to be trained. */
function makeVariable(
  value: Operand,
  dtype: DType | undefined,
  name: string | undefined,
  trainable: boolean,
): Variable {
  if (dtype !== undefined) checkDType(dtype);
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(message`Cannot name a Variable ${describeValue(name)}: a name is a text`);
  }
  if (typeof value === "number") {
    const number = dtype === "float32" ? Math.fround(value) : value;
    return new Variable(number, dtype ?? "float64", -1, { name, trainable, gradient: null });
  }
  let array = value instanceof Variable ? detach(value) : arrayFrom(value);
  if (dtype !== undefined) array = array.cast(dtype);
  const content = array.shape.length === 0 ? array.data[0]! : array;
  return new Variable(content, array.dtype, -1, { name, trainable, gradient: null });
}

/** The value of a Variable that is detached on purpose. */
function detach(x: Variable): NdArray {
  if (x.row >= 0 || x.trainable) tape.guard?.read(x, "a Variable with constant()");
  return x.array ?? fullArray(SCALAR, knownNumber(x), x.dtype);
}
