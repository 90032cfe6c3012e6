import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readFunction } from "../_internal/readers/mod.ts";
import { Variable } from "../variable/mod.ts";
import { noteLogits } from "./core/notes.ts";
import { Registry } from "./core/registry.ts";

/** The names of the activations; `silu` is `x sigmoid(x)`, `softmax` works along the last axis. */
export type ActivationName =
  | "linear"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "elu"
  | "celu"
  | "selu"
  | "gelu"
  | "silu"
  | "mish"
  | "softplus"
  | "softsign"
  | "exponential"
  | "squareplus"
  | "logSigmoid"
  | "hardSigmoid"
  | "hardSilu"
  | "hardTanh"
  | "tanhShrink"
  | "softShrink"
  | "softmax"
  | "logSoftmax";

/** What a layer applies to its result, element by element or along the last axis. */
export type Activation = (x: Variable) => Variable;

/** An activation by its name, or a function; one made by `defineActivation` can be saved with a model. */
export type ActivationArgument = ActivationName | Activation;

/** The activations, by name. */
export const activations: Registry<Activation> = new Registry<Activation>("activation");

const ACTIVATIONS: { readonly [K in ActivationName]: Activation } = {
  linear: (x) => x,
  sigmoid: (x) => noteLogits(x.sigmoid(), "sigmoid", x),
  tanh: (x) => x.tanh(),
  relu: (x) => x.relu(),
  relu6: (x) => x.relu6(),
  // The slope of Keras; the function of this name has another.
  leakyRelu: (x) => x.leakyRelu({ negativeSlope: 0.2 }),
  elu: (x) => x.elu(),
  celu: (x) => x.elu(),
  selu: (x) => x.selu(),
  gelu: (x) => x.gelu(),
  silu: (x) => x.silu(),
  mish: (x) => x.mish(),
  softplus: (x) => x.softplus(),
  softsign: (x) => x.softsign(),
  exponential: (x) => x.exp(),
  squareplus: (x) => x.add(x.square().add(4).sqrt()).mul(0.5),
  logSigmoid: (x) => x.logSigmoid(),
  hardSigmoid: (x) => x.hardSigmoid(),
  hardSilu: (x) => x.mul(x.hardSigmoid()),
  hardTanh: (x) => x.hardTanh(),
  tanhShrink: (x) => x.tanhshrink(),
  softShrink: (x) => x.softshrink(),
  softmax: (x) => noteLogits(x.softmax(), "softmax", x),
  logSoftmax: (x) => x.logSoftmax(),
};

for (const [name, f] of Object.entries(ACTIVATIONS)) activations.define(name, () => (x: Variable) => f(x));

/**
 * Gives an activation of one's own a name, under which models that use it are saved.
 *
 * @param name Its name
 * @param f The function
 * @returns The activation, to be passed to layers
 * @throws {TypeError} If the name is taken
 *
 * @example
 * ```ts
 * import { constant, type Variable } from "@tapegrad/tapegrad";
 * import { defineActivation } from "@tapegrad/tapegrad/nn";
 *
 * const squared = defineActivation("example/squaredRelu", (x: Variable) => x.relu().square());
 * console.log(squared(constant([-1, 3])).value); // [0, 9]
 * ```
 */
export function defineActivation(name: string, f: Activation): Activation {
  readFunction("defineActivation", "the activation", f);
  return activations.define(name, () => (x: Variable) => f(x))();
}

/**
 * Looks an activation up, or takes a function as one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function activationOf(activation: ActivationArgument): Activation {
  const f = activations.resolve(activation);
  return (x) => {
    const y: unknown = f(x);
    if (y instanceof Variable) return y;
    throw new TypeError(message`Cannot apply an activation: it gives ${describeValue(y)}, return a Variable`);
  };
}
