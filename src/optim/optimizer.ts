import { allocate, type FloatArray } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";
import { SCALAR } from "../array/shape.ts";
import { constant, flattenTree, type Tree, unflattenTree, type Variable } from "../variable/mod.ts";

/** Parameters, or their gradients: Variables in arrays and objects. */
export type Parameters = Tree<Variable>;

/** What an optimizer remembers between steps: for each parameter, one buffer per slot. */
export interface OptimizerState {
  /** The number of steps taken. */
  readonly step: number;
  /** The buffers, for each parameter in order. */
  readonly slots: readonly (readonly FloatArray[])[];
}

/** The learning rate at a step, counted from 0. */
export type Schedule = (step: number) => number;

/** A rule that improves parameters by their gradients. */
export interface Optimizer {
  /** Its name. */
  readonly name: string;
  /** The state before the first step. */
  init(parameters: Parameters): OptimizerState;
  /** One step; nothing that is passed in is changed. Throws a TypeError if the trees differ. */
  update<P extends Parameters>(
    gradients: P,
    state: OptimizerState,
    parameters: P,
  ): { parameters: P; state: OptimizerState };
}

/** The update of one parameter: writes the new values, and the slots, which are fresh copies. */
export type UpdateRule = (
  out: FloatArray,
  parameter: FloatArray,
  gradient: FloatArray,
  slots: readonly FloatArray[],
  learningRate: number,
  step: number,
) => void;

/** Makes an optimizer of a rule for one parameter. */
export function makeOptimizer(
  name: string,
  learningRate: number | Schedule,
  slotCount: number,
  rule: UpdateRule,
): Optimizer {
  if (typeof learningRate === "number") checkRange(name, "learningRate", learningRate, 0, Infinity);
  return {
    name,
    init: (parameters) => ({
      step: 0,
      slots: flattenTree<Variable>(parameters).map((p) =>
        Array.from({ length: slotCount }, () => allocate(p.dtype, p.size))
      ),
    }),
    update: (gradients, state, parameters) => {
      const old = flattenTree<Variable>(parameters);
      const slopes = flattenTree<Variable>(gradients);
      if (old.length !== slopes.length || old.length !== state.slots.length) {
        throw new TypeError(
          `Cannot update with ${name}: ${old.length} parameters, ${slopes.length} gradients and a state for ` +
            `${state.slots.length}; call init() with these parameters`,
        );
      }
      const rate = typeof learningRate === "number" ? learningRate : learningRate(state.step);
      const slots = state.slots.map((list) => list.map((slot) => slot.slice()));
      const next = old.map((p, i) => {
        const from = p.toArray();
        const slope = slopes[i]!.toArray();
        if (slope.size !== from.size) {
          throw new TypeError(
            `Cannot update with ${name}: parameter ${i} has ${from.size} elements, its gradient ${slope.size}`,
          );
        }
        const out = allocate(p.dtype, p.size);
        rule(out, from.data, slope.data, slots[i]!, rate, state.step + 1);
        return constant(p.rank === 0 ? new NdArray(out, SCALAR) : new NdArray(out, p.shape), {
          name: p.name,
        });
      });
      return {
        parameters: unflattenTree<Variable, Variable>(parameters, next) as typeof parameters,
        state: { step: state.step + 1, slots },
      };
    },
  };
}

/**
 * Checks a parameter of an optimizer.
 *
 * @throws {RangeError} If it is less than `low`, or not less than `high`
 */
export function checkRange(name: string, what: string, value: number, low: number, high: number): number {
  if (value >= low && value < high) return value;
  throw new RangeError(
    `Cannot make ${name}: ${what} is ${value}, use ${low} or more${
      high === Infinity ? "" : `, less than ${high}`
    }`,
  );
}
