/** Results of a program, put where the function had its own. */
import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { ResidentArray } from "../../compiler/mod.ts";
import { mapTree, type Tree, type Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import type { Call } from "./call.ts";
import { type CompiledBranch, OutputSlot } from "./branches.ts";
import { type LinkedCall, linkedResult } from "./linked_result.ts";

/**
 * Puts results of a program where the function had its own.
 *
 * @param part The tree of results with the numbers of outputs in their places; all of them by default
 * @param link What derivatives of them are by
 */
export function packResults(
  { program: { outputTypes }, result }: CompiledBranch,
  values: readonly Value[],
  form: Call["resultForm"],
  link: LinkedCall | null = null,
  part: Tree<unknown> = result,
): unknown {
  return mapTree(part, (leaf) => {
    if (!(leaf instanceof OutputSlot)) return leaf;
    const value = values[leaf.index]!;
    if (form === "variable") return resultVariable(value, outputTypes[leaf.index]!, link, leaf.index);
    if (typeof value === "number") return value;
    return form === "typed" ? value.data : form === "array" ? value.resolve() : value.toNested();
  });
}

/** A result as a Variable: the only one on its array, so that it can be donated without a copy. */
function resultVariable(value: Value, dtype: DType, link: LinkedCall | null, output: number): Variable {
  const made = link === null ? untracked(value, dtype) : linkedResult(link, output, value, dtype);
  if (value instanceof ResidentArray) value.isKept = false;
  return made;
}
