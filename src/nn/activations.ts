import { message } from "../_internal/message.ts";
import type { Variable } from "../variable/mod.ts";

/** The names of the activations; `silu` is `x sigmoid(x)`, `softmax` works along the last axis. */
export type ActivationName =
  | "linear"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "elu"
  | "selu"
  | "gelu"
  | "silu"
  | "mish"
  | "softplus"
  | "hardSigmoid"
  | "softmax";

/** What a layer can apply to its result. */
const ACTIVATIONS: { readonly [K in ActivationName]: (x: Variable) => Variable } = {
  linear: (x) => x,
  sigmoid: (x) => x.sigmoid(),
  tanh: (x) => x.tanh(),
  relu: (x) => x.relu(),
  leakyRelu: (x) => x.leakyRelu(),
  elu: (x) => x.elu(),
  selu: (x) => x.selu(),
  gelu: (x) => x.gelu(),
  silu: (x) => x.silu(),
  mish: (x) => x.mish(),
  softplus: (x) => x.softplus(),
  hardSigmoid: (x) => x.hardSigmoid(),
  softmax: (x) => x.softmax(),
};

/**
 * Looks an activation up.
 *
 * @throws {RangeError} If there is none of that name
 */
export function activationOf(name: ActivationName): (x: Variable) => Variable {
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name];
  throw new RangeError(
    message`Unknown activation: ${JSON.stringify(name)}, use one of
    ${Object.keys(ACTIVATIONS).join(", ")}`,
  );
}
