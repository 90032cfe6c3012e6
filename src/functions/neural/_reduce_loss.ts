import { readChoice, readOptions } from "../../_internal/readers/mod.ts";
import type { LossOptions } from "../../variable/signatures/neural.ts";
import type { Variable } from "../../variable/variable.ts";

/**
 * Joins the losses of single examples, or leaves them.
 *
 * @throws {RangeError} If the reduction is unknown
 */
export function reduceLoss(operation: string, losses: Variable, options?: LossOptions): Variable {
  const { reduction } = readOptions(operation, options, { reduction: "mean" });
  const how = readChoice(operation, "reduction", reduction, ["mean", "sum", "none"]);
  return how === "none" ? losses : how === "sum" ? losses.sum() : losses.mean();
}
