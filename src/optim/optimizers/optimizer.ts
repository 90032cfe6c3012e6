import { message } from "../../_internal/message.ts";
import { allocate, type FloatArray } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sameShape } from "../../array/shape.ts";
import { constant, flattenTree, type Tree, unflattenTree, type Variable } from "../../variable/mod.ts";
import { checkRange } from "./options.ts";
import type { Schedule } from "../schedules.ts";

/** Parameters, or their gradients: Variables in arrays and objects. */
export type Parameters = Tree<Variable>;

/** What an optimizer remembers between steps: for each parameter, one buffer per slot. */
export interface OptimizerState {
  /** The number of steps taken. */
  readonly step: number;
  /** The buffers, for each parameter in order. */
  readonly slots: readonly (readonly FloatArray[])[];
}

/** A rule that improves parameters by their gradients. */
export interface Optimizer {
  /** Its name. */
  readonly name: string;
  /** The state before the first step. */
  init(parameters: Parameters): OptimizerState;
  /**
   * One step; nothing that is passed in is changed. The new parameters are constants of the same names,
   * shapes and dtypes. Throws a TypeError if the trees or shapes differ, and a RangeError if a schedule
   * gives no usable learning rate.
   */
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

/**
 * Makes an optimizer of a rule for one parameter.
 *
 * @param name Its name, for messages
 * @param learningRate A number, or a schedule that is asked at each step
 * @param starts What each slot is filled with before the first step
 * @param rule The update; steps are counted from 1
 * @throws {RangeError} If the learning rate is negative, infinite or NaN
 */
export function makeOptimizer(
  name: string,
  learningRate: number | Schedule,
  starts: readonly number[],
  rule: UpdateRule,
): Optimizer {
  if (typeof learningRate !== "function") checkRange(name, "learningRate", learningRate, 0, Infinity);
  return {
    name,
    init: (parameters) => ({
      step: 0,
      slots: flattenTree<Variable>(parameters).map((p) =>
        starts.map((start) => allocate(p.dtype, p.size).fill(start))
      ),
    }),
    update: (gradients, state, parameters) => {
      const old = flattenTree<Variable>(parameters);
      const slopes = flattenTree<Variable>(gradients);
      checkTrees(name, old, slopes, state);
      const rate = typeof learningRate === "function"
        ? checkRate(name, learningRate(state.step), state.step)
        : learningRate;
      const slots = state.slots.map((list) => list.map((slot) => slot.slice()));
      const next = old.map((p, i) => {
        const out = allocate(p.dtype, p.size);
        rule(out, p.toArray().data, slopes[i]!.toArray().data, slots[i]!, rate, state.step + 1);
        return constant(new NdArray(out, p.shape), { name: p.name });
      });
      return {
        parameters: unflattenTree<Variable, Variable>(parameters, next) as typeof parameters,
        state: { step: state.step + 1, slots },
      };
    },
  };
}

function checkTrees(
  name: string,
  parameters: readonly Variable[],
  gradients: readonly Variable[],
  { slots }: OptimizerState,
): void {
  const count = parameters.length;
  if (count !== gradients.length || count !== slots.length) {
    throw new TypeError(
      message`Cannot update with ${name}: ${count} parameters, ${gradients.length}
      gradients and a state for ${slots.length}; call init() with these parameters`,
    );
  }
  for (let i = 0; i < count; i++) {
    const { shape, size } = parameters[i]!;
    if (!sameShape(shape, gradients[i]!.shape)) {
      throw new TypeError(
        message`Cannot update with ${name}: parameter ${i} has shape ${shape}, its
        gradient ${gradients[i]!.shape}`,
      );
    }
    const slot = slots[i]!.find((s) => s.length !== size);
    if (slot !== undefined) {
      throw new TypeError(
        message`Cannot update with ${name}: parameter ${i} has ${size} elements, its state
        ${slot.length}; call init() with these parameters`,
      );
    }
  }
}

function checkRate(name: string, rate: number, step: number): number {
  if (rate >= 0 && rate < Infinity) return rate;
  throw new RangeError(
    message`Cannot update with ${name}: the schedule gives the learning rate ${rate} at
    step ${step}, use 0 or more, finite`,
  );
}
