import { message } from "../../_internal/message.ts";
import { dropout as drop } from "../../random/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { readLayerOptions } from "./_options.ts";

/** Options of {@linkcode dropout}. */
export interface DropoutOptions extends LayerOptions {
  /** The probability with which an element is dropped in training, from 0 to below 1. */
  readonly rate: number;
}

/**
 * Drops elements at random in training and enlarges the others; else it does nothing. Every step has a key of its
 * own, which follows from the model's seed.
 *
 * @param options The rate
 * @throws {RangeError} If the rate is not from 0 to below 1
 *
 * @example
 * ```ts
 * import { dropout, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([dropout({ rate: 0.5 })]).build([2]).predict([[1, 2]]).value); // [[1, 2]]
 * ```
 */
export const dropout: LayerFactory<DropoutOptions> = defineLayer("dropout", (options: DropoutOptions) => {
  const { rate } = readLayerOptions("dropout", options, { rate: undefined });
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(
      message`Cannot make a dropout layer: the rate is ${String(rate)}, use a number from 0 to below 1`,
    );
  }
  return (x: Variable, c: Context) => c.training && rate > 0 ? drop(c.key(), x, rate) : x;
});
