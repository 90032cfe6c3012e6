import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { sameShape } from "../../array/shape.ts";
import type { OptimizerState, Weights } from "../../optim/mod.ts";
import { constant, type Operand, type Tree, Variable } from "../../variable/mod.ts";
import { type Built, copyWeights } from "../models/store.ts";

/** Everything that training changes: a tree of Variables. */
export type ModelState = {
  /** By path. */
  readonly parameters: Weights;
  /** By path. */
  readonly state: Weights;
  /** Steps, rate and slots. */
  readonly optimizer: OptimizerState;
  /** How many epochs were begun; orders of examples follow from it and the seed. */
  readonly epochs: Variable;
  /** The seed of the model. */
  readonly seed: Variable;
};

/** Copies that stay whatever becomes of the model. */
export function copyState(
  { parameters, state }: Built,
  optimizer: OptimizerState,
  epochs: number,
  seed: number,
): ModelState {
  return {
    parameters: copyWeights(parameters),
    state: copyWeights(state),
    optimizer: {
      step: constant(optimizer.step.item()),
      rate: constant(optimizer.rate.item()),
      slots: Object.fromEntries(
        Object.entries(optimizer.slots).map(([slot, weights]) => [slot, copyWeights(weights)]),
      ),
    },
    epochs: constant(epochs),
    seed: constant(seed),
  };
}

/**
 * Reads a state of training, and checks the part of the optimizer against the one there is.
 *
 * @throws {TypeError} If it does not fit
 */
export function readState(
  title: string,
  given: ModelState,
  optimizer: OptimizerState,
  seed: number,
): { parameters: Weights; state: Weights; optimizer: OptimizerState; epochs: number } {
  const number = (name: string, value: unknown): number => {
    if (typeof value === "number") return value;
    if (value instanceof Variable && value.rank === 0) return value.item();
    throw misfit(title, `${name} is ${describeValue(value)}, expected a number`);
  };
  if (number("seed", given?.seed) !== seed) {
    throw misfit(title, `it is of a model with the seed ${number("seed", given.seed)}, this one has ${seed}`);
  }
  for (const name of ["parameters", "state"] as const) {
    if (!isPlainObject(given[name])) {
      throw misfit(title, `${name} is ${describeValue(given[name])}, expected an object of weights by path`);
    }
  }
  const { slots = {} } = given.optimizer ?? {};
  const read = mapLike(title, "optimizer/slots", optimizer.slots, slots);
  return {
    parameters: given.parameters,
    state: given.state,
    optimizer: {
      step: constant(number("step", given.optimizer?.step)),
      rate: constant(number("rate", given.optimizer?.rate)),
      slots: read as OptimizerState["slots"],
    },
    epochs: number("epochs", given.epochs),
  };
}

/** Reads a tree like another: the same names, shapes and dtypes. */
function mapLike(title: string, path: string, expected: Tree<Variable>, given: unknown): Tree<Variable> {
  if (expected instanceof Variable) {
    const value = given === undefined ? undefined : constant(given as Operand, { dtype: expected.dtype });
    if (value !== undefined && sameShape(value.shape, expected.shape)) return value;
    throw misfit(title, message`${path} has shape ${value?.shape ?? []}, expected ${expected.shape}`);
  }
  if (given !== undefined && !isPlainObject(given)) {
    throw misfit(title, `${path} is ${describeValue(given)}, expected an object`);
  }
  const entries: Record<string, unknown> = given ?? {};
  const unknown = Object.keys(entries).find((name) => !Object.hasOwn(expected, name));
  if (unknown !== undefined) throw misfit(title, `there is no ${path}/${unknown}`);
  return Object.fromEntries(
    Object.entries(expected).map(([name, part]) => [
      name,
      mapLike(title, `${path}/${name}`, part as Tree<Variable>, entries[name]),
    ]),
  );
}

function misfit(title: string, what: string): TypeError {
  return new TypeError(message`Cannot go on training ${title} from this state: ${what}`);
}
