/** Results of a program, put where the function had its own. */
import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { ResidentArray } from "../../compiler/mod.ts";
import { isNode } from "../../_internal/containers.ts";
import type { Tree, Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import type { Call } from "./call.ts";
import { type CompiledBranch, OutputSlot } from "./branches.ts";
import { type LinkedCall, linkedResult } from "./linked_result.ts";

/**
 * Puts results of a program where the function had its own.
 *
 * @param link What derivatives of them are by; null where none is wanted
 */
export type Packer = (values: readonly Value[], link: LinkedCall | null) => unknown;

/**
 * Makes what packs the results of a program.
 *
 * @param part The tree of results with the numbers of outputs in their places; all of them by default
 */
export function makePacker(
  branch: CompiledBranch,
  form: Call["resultForm"],
  part: Tree<unknown> = branch.result,
): Packer {
  if (part instanceof OutputSlot) {
    return leafPacker(form, branch.program.outputTypes[part.index]!, part.index);
  }
  if (!isNode(part)) return () => part;
  if (Array.isArray(part)) {
    const entries = part.map((entry) => makePacker(branch, form, entry));
    return (values, link) => entries.map((pack) => pack(values, link));
  }
  const entries = Object.entries(part).map(([name, entry]) =>
    [name, makePacker(branch, form, entry)] as const
  );
  return (values, link) => {
    const packed: Record<string, unknown> = {};
    for (const [name, pack] of entries) setOwn(packed, name, pack(values, link));
    return packed;
  };
}

function leafPacker(form: Call["resultForm"], dtype: DType, index: number): Packer {
  if (form === "variable") return (values, link) => resultVariable(values[index]!, dtype, link, index);
  return (values) => {
    const value = values[index]!;
    if (typeof value === "number") return value;
    return form === "typed" ? value.data : form === "array" ? value.resolve() : value.toNested();
  };
}

/** Gives an object a property, also one that has another meaning when it is assigned to. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** A result as a Variable: the only one on its array, so that it can be donated without a copy. */
function resultVariable(value: Value, dtype: DType, link: LinkedCall | null, output: number): Variable {
  const made = link === null ? untracked(value, dtype) : linkedResult(link, output, value, dtype);
  if (value instanceof ResidentArray) value.isKept = false;
  return made;
}
