import type { Variable } from "../variable/mod.ts";

/** What a layer can apply to its result. */
const ACTIVATIONS = {
  linear: (x: Variable): Variable => x,
  sigmoid: (x: Variable): Variable => x.sigmoid(),
  tanh: (x: Variable): Variable => x.tanh(),
  relu: (x: Variable): Variable => x.relu(),
  softplus: (x: Variable): Variable => x.softplus(),
  softmax: (x: Variable): Variable => x.softmax(),
};

/** The names of the activations. */
export type ActivationName = keyof typeof ACTIVATIONS;

/**
 * Looks an activation up.
 *
 * @throws {RangeError} If there is none of that name
 */
export function activationOf(name: ActivationName): (x: Variable) => Variable {
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name];
  throw new RangeError(
    `Unknown activation: ${JSON.stringify(name)}, use one of ${Object.keys(ACTIVATIONS).join(", ")}`,
  );
}
