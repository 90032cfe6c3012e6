import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { isLeaf } from "../../transforms/core/arguments.ts";
import { constant, mapTree, type Operand, type Tree, type Variable } from "../../variable/mod.ts";
import { namedLeaves } from "../names.ts";

/** The element types that an input of an exported function may have. */
export type InputType = "float32" | "float64" | "int64" | "bool";

/** What an input of an exported function is like. */
export interface InputSpec {
  /** The lengths of its axes; `"batch"` for one that is not known before the model runs, the same everywhere. */
  readonly shape: readonly (number | "batch")[];
  /** The element type, `"float32"` by default; integers and truth values are read as plain numbers. */
  readonly dtype?: InputType;
}

/** Inputs in arrays and objects: stated, or examples of them, of which only shape and dtype count. */
export type Inputs = InputSpec | Operand | readonly Inputs[] | { readonly [name: string]: Inputs };

/** An input by its name in the file. */
export interface NamedInput {
  readonly name: string;
  readonly shape: readonly (number | "batch")[];
  readonly dtype: InputType;
  /** What was given as an example. */
  readonly example: Variable | undefined;
}

const TYPES: readonly string[] = ["float32", "float64", "int64", "bool"] satisfies InputType[];

function isSpec(value: unknown): value is InputSpec {
  return isPlainObject(value) && Array.isArray(value["shape"]) &&
    Object.keys(value).every((key) => key === "shape" || key === "dtype");
}

const isInput = (value: unknown): boolean => isSpec(value) || isLeaf(value);

/** The inputs of one argument, in order, and the argument again with Variables in their places. */
export interface ReadArgument {
  readonly inputs: readonly NamedInput[];
  rebuild(variables: readonly Variable[]): Tree<Variable>;
}

/**
 * Reads what an argument is like.
 *
 * @param base The name of the argument; inputs in it have their path after it
 * @throws {TypeError} If a shape or dtype is malformed
 */
export function readArgument(base: string, argument: Inputs): ReadArgument {
  const inputs = namedLeaves(argument as Tree<unknown>, base, isInput).map(({ name, leaf }) =>
    readInput(name, leaf)
  );
  return {
    inputs,
    rebuild: (variables) => {
      let next = 0;
      return mapTree(argument as Tree<unknown>, () => variables[next++]!, isInput);
    },
  };
}

function readInput(name: string, leaf: unknown): NamedInput {
  if (!isSpec(leaf)) {
    if (typeof leaf !== "number" && !isLeaf(leaf)) {
      throw new TypeError(
        message`Cannot export the input ${name}: found ${
          describeValue(leaf)
        }, state { shape, dtype } or pass an example`,
      );
    }
    const example = constant(leaf as Operand);
    return { name, shape: example.shape, dtype: example.dtype, example };
  }
  const { shape, dtype = "float32" } = leaf;
  if (!shape.every((axis) => axis === "batch" || (Number.isSafeInteger(axis) && axis >= 0))) {
    throw new TypeError(
      message`Cannot export the input ${name}: an axis is ${
        describeValue(shape.find((axis) => axis !== "batch" && !(Number.isSafeInteger(axis) && axis >= 0)))
      }, use integers from 0 up, or "batch"`,
    );
  }
  if (!TYPES.includes(dtype)) {
    throw new TypeError(
      message`Cannot export the input ${name}: the dtype is ${describeValue(dtype)}, use ${TYPES.join(", ")}`,
    );
  }
  return { name, shape, dtype, example: undefined };
}
