import { isPlainObject } from "../../_internal/containers.ts";
import { message } from "../../_internal/message.ts";
import {
  checkOptions,
  readAnyNumber,
  readChoice,
  readFunction,
  readList,
  readText,
} from "../../_internal/readers/mod.ts";
import type { DType } from "../../array/dtype.ts";
import { fullArray } from "../../array/nd_array.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import { tape } from "../../tape/mod.ts";
import { constant, noGrad, stopGradient, Variable } from "../../variable/mod.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { clipWeights } from "./clipping.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";
import { checkCommonOptions, type OptimizerOptions } from "./options.ts";
import { type Parameters, readWeights, replaceWeights, type Weights } from "./weights.ts";

/** How an optimizer updates one parameter. */
export interface OptimizerDefinition<S extends string = string, C extends string = string> {
  /** What is kept for each parameter, in its shape and dtype. */
  readonly slots: readonly S[];
  /** What a slot is filled with before the first step, where that is not 0. */
  readonly starts?: { readonly [K in S]?: number };
  /** The slots that hold one number in float64 for each parameter, whatever its shape. */
  readonly numbers?: readonly S[];
  /**
   * Numbers that are the same for all parameters, computed once a step in float64.
   *
   * @param step Counted from 1, rank 0
   * @param rate The learning rate of this step, rank 0
   */
  scalars?(step: Variable, rate: Variable): { readonly [K in C]: Variable };
  /**
   * The update of one parameter.
   *
   * @param parameter Any shape
   * @param gradient Its derivative, clipped, same shape and dtype
   * @param slots What is kept for it
   * @param scalars The numbers, in the parameter's dtype, with the learning rate as `rate`
   * @returns The new parameter and slots
   */
  update(
    parameter: Variable,
    gradient: Variable,
    slots: { readonly [K in S]: Variable },
    scalars: { readonly [K in C]: Variable } & { readonly rate: Variable },
  ): readonly [parameter: Variable, slots: { readonly [K in S]: Variable }];
}

/**
 * Makes an optimizer of a rule for one parameter. Reading paths and dtypes, clipping, weight decay and schedules
 * come with it.
 *
 * @param name Its name, for messages
 * @param options The learning rate, or options of which it knows {@linkcode OptimizerOptions}
 * @param definition The rule, written in operations on Variables
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { makeOptimizer } from "@tapegrad/tapegrad/optim";
 *
 * const signed = makeOptimizer("signed", 0.5, {
 *   slots: [],
 *   update: (p, g, _, { rate }) => [p.sub(g.sign().mul(rate)), {}],
 * });
 * const w = [1, 2];
 * console.log(signed.update([3, -3], signed.init(w), w).parameters); // [0.5, 2.5]
 * ```
 */
export function makeOptimizer<S extends string, C extends string>(
  name: string,
  options: number | Schedule | OptimizerOptions,
  definition: OptimizerDefinition<S, C>,
): Optimizer {
  readText("makeOptimizer", "the name", name);
  const all: OptimizerOptions = isPlainObject(options)
    ? options as OptimizerOptions
    : { learningRate: options as number | Schedule };
  checkCommonOptions(name, all);
  checkDefinition(name, definition);
  const { learningRate = 0.001 } = all;
  const schedule = typeof learningRate === "function" ? learningRate : undefined;
  return {
    name,
    options: all as Readonly<Record<string, unknown>>,
    init: (parameters) => ({
      step: constant(0),
      rate: constant(typeof learningRate === "number" ? learningRate : 1),
      slots: startSlots(definition, readWeights(`start ${name}`, parameters)),
    }),
    update: (gradients, state, parameters) =>
      outsideOfTransforms(() => {
        const leaves = readWeights(`update with ${name}`, parameters);
        const old: Weights = Object.fromEntries([...leaves].map(([path, leaf]) => [path, leaf.variable]));
        const slopes = clipWeights(readGradients(name, old, gradients), all);
        checkSlots(name, definition, old, state);
        const step = stopGradient(state.step);
        const rate = schedule === undefined ? state.rate : rateAt(name, schedule, step).mul(state.rate);
        const next = updateAll(definition, all, { old, slopes, state, step, rate });
        return {
          parameters: replaceWeights(parameters, leaves, (path) => next.parameters[path]!),
          state: { step: step.add(1), rate: state.rate, slots: next.slots },
        };
      }),
  };
}

/** Runs an update: outside of transforms trainable Variables would record it, for a walk that never comes. */
export function outsideOfTransforms<R>(run: () => R): R {
  return tape.depth > 0 || tape.guard !== null ? run() : noGrad(run);
}

/** Checks the parts of a rule that a user wrote. */
function checkDefinition(name: string, definition: unknown): void {
  if (typeof definition !== "object" || definition === null) {
    throw new TypeError(
      message`Cannot make ${name} of ${describeValue(definition)}: give a definition { slots, update }`,
    );
  }
  const { slots, starts, numbers, scalars, update } = definition as Partial<OptimizerDefinition>;
  for (const slot of readList(name, "slots", slots as readonly string[])) readText(name, "a slot", slot);
  readFunction(name, "update", update);
  if (scalars !== undefined) readFunction(name, "scalars", scalars);
  for (const slot of readList(name, "numbers", numbers === undefined ? [] : numbers)) {
    readChoice(name, "the slot of a number", slot, slots as readonly string[]);
  }
  if (starts === undefined) return;
  checkOptions(`${name}: starts`, starts, slots as readonly string[]);
  for (const [slot, start] of Object.entries(starts)) readAnyNumber(name, `the start of ${slot}`, start);
}

function startSlots<S extends string>(
  { slots, starts, numbers = [] }: Pick<OptimizerDefinition<S>, "slots" | "starts" | "numbers">,
  leaves: ReturnType<typeof readWeights>,
): OptimizerState["slots"] {
  return Object.fromEntries(slots.map((slot) => {
    const start = starts?.[slot] ?? 0;
    const values = [...leaves].map(([path, { variable: { shape, dtype } }]) => {
      const isNumber = numbers.includes(slot) || shape.length === 0;
      const type = numbers.includes(slot) ? "float64" : dtype;
      return [path, constant(isNumber ? start : fullArray(shape, start, dtype), { dtype: type })];
    });
    return [slot, Object.fromEntries(values)];
  }));
}

/** The gradients by path, each in the dtype of its parameter. */
function readGradients(name: string, parameters: Weights, tree: Parameters): Weights {
  const what = `update with ${name}`;
  const found = readWeights(what, tree);
  for (const path of found.keys()) {
    if (path in parameters) continue;
    throw new TypeError(
      message`Cannot ${what}: there is a gradient for ${JSON.stringify(path)} but no such parameter, they are
      ${Object.keys(parameters).map((each) => JSON.stringify(each)).join(", ")}`,
    );
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([path, { shape, dtype }]) => {
      const gradient = found.get(path)?.variable;
      if (gradient === undefined) {
        throw new TypeError(message`Cannot ${what}: there is no gradient for ${JSON.stringify(path)}`);
      }
      if (formatShape(gradient.shape) !== formatShape(shape)) {
        throw new TypeError(
          message`Cannot ${what}: parameter ${JSON.stringify(path)} has shape ${shape}, its gradient
          ${gradient.shape}`,
        );
      }
      return [path, gradient.dtype === dtype ? gradient : gradient.cast(dtype)];
    }),
  );
}

function checkSlots<S extends string>(
  name: string,
  { slots, numbers = [] }: Pick<OptimizerDefinition<S>, "slots" | "numbers">,
  parameters: Weights,
  state: OptimizerState,
): void {
  const remedy = "call init() with these parameters";
  if (!(state?.step instanceof Variable && state.rate instanceof Variable)) {
    throw new TypeError(message`Cannot update with ${name}: the state has no step and rate, ${remedy}`);
  }
  for (const slot of slots) {
    for (const [path, { shape }] of Object.entries(parameters)) {
      const kept = state.slots?.[slot]?.[path];
      if (kept === undefined) {
        throw new TypeError(
          message`Cannot update with ${name}: the state holds no ${slot} of parameter ${JSON.stringify(path)},
          ${remedy}`,
        );
      }
      if (numbers.includes(slot) || formatShape(kept.shape) === formatShape(shape)) continue;
      throw new TypeError(
        message`Cannot update with ${name}: parameter ${JSON.stringify(path)} has shape ${shape}, its state
        ${kept.shape}; ${remedy}`,
      );
    }
  }
}

/** What the schedule gives, checked where its value is at hand. */
function rateAt(name: string, schedule: Schedule, step: Variable): Variable {
  const rate: Variable | number = schedule(step);
  const found = typeof rate === "number" ? constant(rate) : rate;
  if (!(found instanceof Variable) || found.rank > 0) {
    throw new TypeError(
      message`Cannot update with ${name}: the schedule gives ${
        found instanceof Variable ? `shape ${formatShape(found.shape)}` : found
      }, use a Variable of rank 0`,
    );
  }
  if (tape.depth > 0 || tape.guard !== null || (found.item() >= 0 && found.item() < Infinity)) return found;
  throw new RangeError(
    message`Cannot update with ${name}: the schedule gives the learning rate ${found.item()} at
    step ${step.item()}, use 0 or more, finite`,
  );
}

interface Step {
  readonly old: Weights;
  readonly slopes: Weights;
  readonly state: OptimizerState;
  readonly step: Variable;
  readonly rate: Variable;
}

/** The update of every parameter. */
function updateAll<S extends string, C extends string>(
  definition: OptimizerDefinition<S, C>,
  { weightDecay = 0, decoupledWeightDecay = false, excludeFromWeightDecay = [] }: OptimizerOptions,
  { old, slopes, state, step, rate }: Step,
): { parameters: Weights; slots: OptimizerState["slots"] } {
  const kept = rate.mul(-weightDecay).add(1);
  const inDType = castOnce({ kept, ...definition.scalars?.(step.add(1), rate), rate });
  const parameters: Record<string, Variable> = {};
  const slots: Record<string, Record<string, Variable>> = Object.fromEntries(
    definition.slots.map((slot) => [slot, {}]),
  );
  for (const [path, whole] of Object.entries(old)) {
    let p = whole;
    let g = slopes[path]!;
    if (weightDecay > 0 && !excludeFromWeightDecay.some((pattern) => matches(path, pattern))) {
      if (decoupledWeightDecay) p = p.mul(inDType(p.dtype)["kept"]!);
      else g = g.add(p.mul(weightDecay));
    }
    const before = Object.fromEntries(definition.slots.map((slot) => [slot, state.slots[slot]![path]!]));
    const result: unknown = definition.update(
      p,
      g,
      before as { readonly [K in S]: Variable },
      inDType(p.dtype) as { readonly [K in C]: Variable } & { readonly rate: Variable },
    );
    const [next, after] = readUpdate(result, definition.slots);
    parameters[path] = next;
    for (const slot of definition.slots) {
      const kept = after[slot];
      if (kept !== undefined) slots[slot]![path] = kept;
    }
  }
  return { parameters, slots };
}

/** What a rule gave for one parameter. */
function readUpdate(
  result: unknown,
  slots: readonly string[],
): readonly [Variable, Readonly<Record<string, Variable>>] {
  const [next, after] = Array.isArray(result) ? result : [];
  if (next instanceof Variable && slots.every((slot) => after?.[slot] instanceof Variable)) {
    return [next, after ?? {}];
  }
  throw new TypeError(
    message`Cannot update: the rule returned ${
      describeValue(result)
    }, return the new parameter and an object with the
    slots ${slots.join(", ") || "of which there are none"}`,
  );
}

/** Gives numbers in a dtype, each cast once: uncast they would make the whole update float64. */
function castOnce(scalars: Record<string, Variable>): (dtype: DType) => Record<string, Variable> {
  const known = new Map<DType, Record<string, Variable>>();
  return (dtype) => {
    let found = known.get(dtype);
    if (found === undefined) {
      found = Object.fromEntries(
        Object.entries(scalars).map((
          [name, value],
        ) => [name, value.dtype === dtype ? value : value.cast(dtype)]),
      );
      known.set(dtype, found);
    }
    return found;
  };
}

/** Whether a path holds a text or matches a pattern. */
export function matches(path: string, pattern: string | RegExp): boolean {
  return typeof pattern === "string" ? path.includes(pattern) : path.search(pattern) >= 0;
}
