import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { readList } from "../../_internal/readers/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { matches, outsideOfTransforms } from "./make_optimizer.ts";
import { type Optimizer, type OptimizerState, readOptimizer } from "./optimizer.ts";
import { type Parameters, readWeights, replaceWeights, type Weights } from "./weights.ts";

/**
 * Gives each group of parameters an optimizer of its own, by their paths: the first entry that fits takes a
 * parameter. The state's `rate` is a factor of all their learning rates, 1 at first.
 *
 * @param entries Texts that a path holds, or patterns it matches, each with an optimizer; `/^/` fits all
 * @throws {TypeError} If an entry is not a pair of these; in `init` and `update`, if a parameter fits none
 *
 * @example
 * ```ts
 * import { groups, sgd } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = groups([[/bias$/, sgd({ learningRate: 1 })], [/^/, sgd({ learningRate: 0.1 })]]);
 * const p = { dense: { kernel: [1], bias: [1] } };
 * const { parameters } = optimizer.update({ dense: { kernel: [1], bias: [1] } }, optimizer.init(p), p);
 * console.log(parameters.dense); // { kernel: [0.9], bias: [0] }
 * ```
 */
export function groups(entries: readonly (readonly [string | RegExp, Optimizer])[]): Optimizer {
  for (const entry of readList("groups", "the list of groups", entries, 1)) {
    const [pattern, optimizer] = readList<unknown>("groups", "a group", entry, 2);
    if (typeof pattern !== "string" && !(pattern instanceof RegExp)) {
      throw new TypeError(message`Cannot make groups by ${describeValue(pattern)}: use a text or a pattern`);
    }
    readOptimizer("groups", optimizer);
  }
  /** The weights of each group. */
  const divide = (weights: Weights): Weights[] => {
    const parts: Record<string, Variable>[] = entries.map(() => ({}));
    for (const [path, value] of Object.entries(weights)) {
      const index = entries.findIndex(([pattern]) => matches(path, pattern));
      if (index < 0) {
        throw new TypeError(
          message`Cannot update ${JSON.stringify(path)}: it is in no group, end the list with one for /^/`,
        );
      }
      parts[index]![path] = value;
    }
    return parts;
  };
  return {
    name: "groups",
    options: { groups: entries.map(([pattern, { name, options }]) => ({ pattern, name, options })) },
    init: (parameters) => {
      const parts = divide(variablesOf("start groups", parameters));
      return {
        step: constant(0),
        rate: constant(1),
        slots: joinSlots(parts.map((part, i) => entries[i]![1].init(part).slots)),
      };
    },
    update: (gradients, state, parameters) =>
      outsideOfTransforms(() => {
        const leaves = readWeights("update with groups", parameters);
        const parts = divide(variablesOf("update with groups", parameters));
        const slopes = divide(variablesOf("update with groups", gradients));
        const results = parts.map((part, i) => {
          const optimizer = entries[i]![1];
          return optimizer.update(slopes[i]!, {
            step: state.step,
            rate: state.rate.mul(optimizer.init({}).rate),
            slots: slotsOf(state, part),
          }, part);
        });
        const next: Weights = Object.assign({}, ...results.map((result) => result.parameters));
        return {
          parameters: replaceWeights(parameters, leaves, (path) => next[path]!),
          state: {
            step: state.step.add(1),
            rate: state.rate,
            slots: joinSlots(results.map((result) => result.state.slots)),
          },
        };
      }),
  };
}

/** The Variables of a tree by path. */
function variablesOf(what: string, tree: Parameters): Weights {
  return Object.fromEntries([...readWeights(what, tree)].map(([path, { variable }]) => [path, variable]));
}

/** The slots of one group: all that are there for its parameters. */
function slotsOf({ slots }: OptimizerState, part: Weights): OptimizerState["slots"] {
  return Object.fromEntries(
    Object.entries(slots).map(([slot, weights]) => [
      slot,
      Object.fromEntries(Object.entries(weights).filter(([path]) => path in part)),
    ]),
  );
}

function joinSlots(all: readonly OptimizerState["slots"][]): OptimizerState["slots"] {
  const joined: Record<string, Weights> = {};
  for (const slots of all) {
    for (const [slot, weights] of Object.entries(slots)) joined[slot] = { ...joined[slot], ...weights };
  }
  return joined;
}
