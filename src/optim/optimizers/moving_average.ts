import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import { outsideOfTransforms } from "./make_optimizer.ts";
import { type Optimizer, type OptimizerState, readOptimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import { mapWeights, type Parameters, readWeights, replaceWeights } from "./weights.ts";

/** The slot that the average is kept in. */
const AVERAGE = "movingAverage";

/** Options of {@linkcode movingAverage}. */
export interface MovingAverageOptions {
  /** How slowly the average changes; 0.99 by default. */
  readonly momentum?: number;
}

/**
 * Keeps a moving average of the parameters beside an optimizer: `a = momentum * a + (1 - momentum) * p` after each
 * step, from the parameters after the first one, as in Keras. {@linkcode averagedParameters} reads it.
 * Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992
 *
 * @param optimizer What takes the steps
 * @param options How slowly the average changes
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If the momentum is not from 0 to below 1
 *
 * @example
 * ```ts
 * import { averagedParameters, movingAverage, sgd } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = movingAverage(sgd({ learningRate: 1 }), { momentum: 0.75 });
 * const p = { w: [4] };
 * const first = optimizer.update({ w: [4] }, optimizer.init(p), p);
 * const { parameters, state } = optimizer.update({ w: [4] }, first.state, first.parameters);
 * console.log(parameters.w, averagedParameters(parameters, state).w); // [-4] [-1]
 * ```
 */
export function movingAverage(optimizer: Optimizer, options: MovingAverageOptions = {}): Optimizer {
  const defaults = { momentum: 0.99 };
  const { momentum } = readOptions<MovingAverageOptions, typeof defaults>("movingAverage", options, defaults);
  checkRange("movingAverage", "momentum", momentum, 0, 1);
  readOptimizer("movingAverage", optimizer);
  return {
    name: optimizer.name,
    options: { ...optimizer.options, movingAverage: momentum },
    init: (parameters) => {
      const state = optimizer.init(parameters);
      const start = [...readWeights("start movingAverage", parameters)].map((
        [path, { variable }],
      ) => [path, outsideOfTransforms(() => variable.mul(1))]);
      return { ...state, slots: { ...state.slots, [AVERAGE]: Object.fromEntries(start) } };
    },
    update: (gradients, state, parameters) =>
      outsideOfTransforms(() => {
        const { [AVERAGE]: average, ...slots } = state.slots;
        if (average === undefined) throw new TypeError(NOT_KEPT);
        const next = optimizer.update(gradients, { ...state, slots }, parameters);
        const after = readWeights("update with movingAverage", next.parameters);
        const kept = state.step.gt(0).mul(momentum);
        const share = kept.neg().add(1);
        return {
          parameters: next.parameters,
          state: {
            ...next.state,
            slots: {
              ...next.state.slots,
              [AVERAGE]: mapWeights(average, (a, path) => {
                const p = after.get(path)!.variable;
                return a.mul(kept.cast(a.dtype)).add(p.mul(share.cast(a.dtype)));
              }),
            },
          },
        };
      }),
  };
}

/**
 * The moving average that {@linkcode movingAverage} has kept.
 *
 * @param parameters The parameters, for their structure
 * @param state The state of the optimizer
 * @throws {TypeError} If the state holds no average of these parameters
 */
export function averagedParameters<P extends Parameters>(parameters: P, state: OptimizerState): P {
  const average = (state as OptimizerState | null | undefined)?.slots?.[AVERAGE];
  if (average === undefined) throw new TypeError(NOT_KEPT);
  return replaceWeights(parameters, readWeights("average", parameters), (path) => {
    const value = average[path];
    if (value !== undefined) return value;
    throw new TypeError(message`Cannot average ${JSON.stringify(path)}: the state holds no average of it`);
  });
}

const NOT_KEPT =
  "Cannot read the moving average: the state holds none, start it with movingAverage(optimizer)";
