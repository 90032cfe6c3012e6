import { checkSteps } from "./options.ts";
import { outsideOfTransforms } from "./make_optimizer.ts";
import { type Optimizer, readOptimizer } from "./optimizer.ts";
import { mapWeights, readWeights, replaceWeights, type Weights } from "./weights.ts";

/** The slot that gradients are added up in. */
const SUM = "accumulated";

/**
 * Adds up gradients and takes a step by their mean every so many updates, as if batches were that much larger. The
 * state's `step` counts updates; the optimizer sees the number of steps it has taken.
 *
 * @param optimizer What takes the steps
 * @param every How many updates make a step
 * @throws {RangeError} If it is not an integer from 1 up
 *
 * @example
 * ```ts
 * import { accumulate, sgd } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = accumulate(sgd({ learningRate: 1 }), 2);
 * const p = { w: [0] };
 * const first = optimizer.update({ w: [1] }, optimizer.init(p), p);
 * const second = optimizer.update({ w: [3] }, first.state, first.parameters);
 * console.log(first.parameters.w, second.parameters.w); // [0] [-2]
 * ```
 */
export function accumulate(optimizer: Optimizer, every: number): Optimizer {
  readOptimizer("accumulate", optimizer);
  checkSteps("accumulate", "every", every);
  return {
    name: optimizer.name,
    options: { ...optimizer.options, accumulate: every },
    init: (parameters) => {
      const state = optimizer.init(parameters);
      const sums = [...readWeights("start accumulate", parameters)].map((
        [path, { variable }],
      ) => [path, variable.mul(0)]);
      return { ...state, slots: { ...state.slots, [SUM]: Object.fromEntries(sums) } };
    },
    update: (gradients, state, parameters) =>
      outsideOfTransforms(() => {
        const what = "update with accumulate";
        const leaves = readWeights(what, parameters);
        const slopes = readWeights(what, gradients);
        const old: Weights = Object.fromEntries([...leaves].map(([path, leaf]) => [path, leaf.variable]));
        const { [SUM]: before = {}, ...slots } = state.slots;
        const sums = mapWeights(old, (p, path) => {
          const gradient = slopes.get(path)?.variable ?? p.mul(0);
          return (before[path] ?? p.mul(0)).add(gradient.cast(p.dtype));
        });
        const isDue = state.step.add(1).mod(every).eq(0);
        const next = optimizer.update(
          mapWeights(sums, (sum) => sum.div(every)),
          { step: state.step.div(every).floor(), rate: state.rate, slots },
          old,
        );
        const kept = Object.entries(next.state.slots).map(([slot, weights]) => [
          slot,
          mapWeights(weights, (value, path) => isDue.where(value, slots[slot]![path]!)),
        ]);
        return {
          parameters: replaceWeights(
            parameters,
            leaves,
            (path) => isDue.where(next.parameters[path]!, old[path]!),
          ),
          state: {
            step: state.step.add(1),
            rate: state.rate,
            slots: {
              ...Object.fromEntries(kept),
              [SUM]: mapWeights(sums, (sum) => isDue.where(0, sum)),
            },
          },
        };
      }),
  };
}
