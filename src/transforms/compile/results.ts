/** Results of a program, put where the function had its own. */
import type { Value } from "../../array/value.ts";
import { type CompiledGraph, ResidentArray } from "../../compiler/mod.ts";
import { mapTree, type Tree, type Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import type { Call } from "./call.ts";
import { OutputSlot } from "./cache.ts";

/** Puts the results of a program into a tree with the numbers of outputs in their places. */
export function packResults(
  result: Tree<unknown>,
  { outputTypes }: Pick<CompiledGraph, "outputTypes">,
  values: readonly Value[],
  form: Call["form"],
): unknown {
  return mapTree(result, (leaf) => {
    if (!(leaf instanceof OutputSlot)) return leaf;
    const value = values[leaf.index]!;
    if (form === "variable") return resultVariable(value, outputTypes[leaf.index]!);
    if (typeof value === "number") return value;
    return form === "typed" ? value.data : form === "array" ? value : value.toNested();
  });
}

/** A result as a Variable: the only one on its array, so that it can be donated without a copy. */
export function resultVariable(value: Value, dtype: Variable["dtype"]): Variable {
  const made = untracked(value, dtype);
  if (value instanceof ResidentArray) value.isKept = false;
  return made;
}
