import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readText } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Parameters, Weights } from "./weights.ts";

/**
 * What an optimizer remembers between steps: a tree of Variables, which can be passed to compiled functions,
 * differentiated through, and saved.
 */
export type OptimizerState = {
  /** The number of steps taken, rank 0, float64. */
  readonly step: Variable;
  /**
   * The learning rate, rank 0, float64; where the optimizer was given a schedule, the factor of what that gives.
   * Another number here changes the rate of the steps that follow, in compiled programs too.
   */
  readonly rate: Variable;
  /** What is kept for each parameter, by slot and path: for Adam the means `m` and `v`. */
  readonly slots: { readonly [slot: string]: Weights };
};

/** A rule that improves parameters by their gradients: a pure function of Variables. */
export interface Optimizer {
  /** Its name. */
  readonly name: string;
  /** The options it was made with. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * The state before the first step.
   *
   * @param parameters Variables, numbers or arrays, in arrays and objects
   */
  init(parameters: Parameters): OptimizerState;
  /**
   * One step; nothing that is passed in is changed. Inside `grad`, `compile` and other transforms it is recorded
   * like any other operation; elsewhere the new parameters are constants, under the names of the old ones.
   *
   * @param gradients The derivatives, in the structure of the parameters
   * @param state What {@linkcode init} or the last step gave
   * @param parameters The parameters
   * @throws {TypeError} If structures or shapes do not fit together
   * @throws {RangeError} If a schedule gives no usable learning rate, where nothing is recorded
   */
  update<P extends Parameters>(
    gradients: Parameters,
    state: OptimizerState,
    parameters: P,
  ): { parameters: P; state: OptimizerState };
}

/**
 * Reads an optimizer that a user gave, which may be one of their own.
 *
 * @param what Who takes it, for messages
 * @throws {TypeError} If it has no name, options, `init` and `update`
 */
export function readOptimizer(what: string, value: unknown): Optimizer {
  const given = (typeof value === "object" && value !== null ? value : {}) as Partial<Optimizer>;
  if (typeof given.init !== "function" || typeof given.update !== "function") {
    throw new TypeError(
      message`Cannot use ${
        describeValue(value)
      } as the optimizer of ${what}: an optimizer has the functions init and
      update, such as adam() has`,
    );
  }
  readText(what, "the optimizer's name", given.name);
  if (!isPlainObject(given.options)) {
    throw new TypeError(
      message`Cannot use the optimizer ${given.name} in ${what}: its options are ${
        describeValue(given.options)
      }, use
      an object`,
    );
  }
  return given as Optimizer;
}
