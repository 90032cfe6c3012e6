import type { Variable } from "../variable/mod.ts";

/** What a layer can apply to its result. */
const ACTIVATIONS: { readonly [K in ActivationName]: (x: Variable) => Variable } = {
  linear: (x) => x,
  sigmoid: (x) => x.sigmoid(),
  tanh: (x) => x.tanh(),
  relu: (x) => x.relu(),
  softplus: (x) => x.softplus(),
  softmax: (x) => x.softmax(),
};

/** The names of the activations. */
export type ActivationName = "linear" | "sigmoid" | "tanh" | "relu" | "softplus" | "softmax";

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
