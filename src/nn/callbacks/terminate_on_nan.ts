import type { Callbacks } from "./callback.ts";

/**
 * Ends training at the first batch whose loss is NaN or infinite, with the weights from before it, instead of letting
 * `fit` throw.
 *
 * @example
 * ```ts
 * import { dense, sequential, terminateOnNaN } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 1 })]);
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * const { epoch } = await model.fit([[1], [NaN]], [1, 2], { epochs: 9, callbacks: terminateOnNaN() });
 * console.log(epoch); // [0]
 * ```
 */
export function terminateOnNaN(): Callbacks {
  return {
    onBatchEnd: (_, { loss }) => Number.isFinite(loss) ? undefined : false,
  };
}
