import { readChoice, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { operation as op } from "../../primitives/mod.ts";
import { tape } from "../../tape/mod.ts";
import { binary, unary } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type {
  EluOptions,
  GeluOptions,
  HardTanhOptions,
  LeakyReluOptions,
  SoftshrinkOptions,
} from "../../variable/signatures/elementwise.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { clip, neg } from "./arithmetic.ts";

/**
 * x where it is positive, else `negativeSlope x`; the derivative at 0 is the slope (as in PyTorch; JAX has
 * 1).
 *
 * @param x Any shape
 * @param options `negativeSlope`, 0.01 by default
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { leakyRelu } from "@tapegrad/tapegrad";
 *
 * console.log(leakyRelu([-1, 2], { negativeSlope: 0.2 }).value); // [ -0.2, 2 ]
 * ```
 */
export function leakyRelu(x: Operand, options?: LeakyReluOptions): Variable {
  const { negativeSlope } = readOptions("leakyRelu", options, { negativeSlope: 0.01 });
  return binary(op.leakyRelu, toVariable(x), readNumber("leakyRelu", "negativeSlope", negativeSlope));
}

/**
 * Leaky rectifier with a slope that can be learnt, x where it is positive, else `slope x`; derivative by x
 * as for `leakyRelu`, by the slope x where it is negative, else 0.
 *
 * @param x Any shape
 * @param slope Slope for negative numbers, a shape that broadcasts with x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { prelu } from "@tapegrad/tapegrad";
 *
 * console.log(prelu([-1, 2], 0.25).value); // [ -0.25, 2 ]
 * ```
 */
export function prelu(x: Operand, slope: Operand): Variable {
  return binary(op.leakyRelu, x, slope);
}

/**
 * x where it is positive, else `alpha (exp(x) - 1)`; the derivative at 0 is alpha.
 * Source: Clevert et al., https://arxiv.org/abs/1511.07289
 *
 * @param x Any shape
 * @param options `alpha`, 1 by default
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { elu } from "@tapegrad/tapegrad";
 *
 * console.log(elu([-1, 2]).value); // [ -0.6321205588285577, 2 ]
 * ```
 */
export function elu(x: Operand, options?: EluOptions): Variable {
  const { alpha } = readOptions("elu", options, { alpha: 1 });
  return binary(op.elu, toVariable(x), readNumber("elu", "alpha", alpha));
}

/**
 * Scaled `elu` that keeps activations at mean 0 and variance 1; the derivative at 0 is that from the left,
 * 1.758...
 * Source: Klambauer et al., https://arxiv.org/abs/1706.02515
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { selu } from "@tapegrad/tapegrad";
 *
 * console.log(selu([-1, 2]).value); // [ -1.1113307378125625, 2.101401974710961 ]
 * ```
 */
export function selu(x: Operand): Variable {
  return tape.group("selu", () => binary(op.elu, toVariable(x), 1.6732632423543772).mul(1.0507009873554805));
}

/**
 * Gaussian error linear unit, `x Phi(x)` with the normal distribution function, exact in the tail; or `x
 * sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3))`, the approximation by the hyperbolic tangent. NaN at
 * -Infinity, as in JAX and PyTorch.
 * Source: Hendrycks and Gimpel, https://arxiv.org/abs/1606.08415
 *
 * @param x Any shape
 * @param options `approximate`: `"none"` (the default) or `"tanh"`
 * @returns The same shape and dtype
 * @throws {RangeError} If there is no such approximation
 *
 * @example
 * ```ts
 * import { gelu } from "@tapegrad/tapegrad";
 *
 * console.log(gelu(1).value); // 0.8413447460685429
 * ```
 */
export function gelu(x: Operand, options?: GeluOptions): Variable {
  const { approximate } = readOptions("gelu", options, { approximate: "none" });
  if (readChoice("gelu", "approximate", approximate, ["none", "tanh"]) === "none") return unary(op.gelu, x);
  return tape.group("gelu", () => {
    const input = toVariable(x);
    // (1 + tanh(u)) / 2 is sigmoid(2 u), exact for negative u; beyond 100 it does not change, but the cube overflows.
    const near = input.clip(-100, 100);
    const u = near.square().mul(0.044715).add(1).mul(near);
    return input.mul(u.mul(2 * Math.sqrt(2 / Math.PI)).sigmoid());
  });
}

/**
 * `x sigmoid(x)`, also called swish. NaN at -Infinity, as in JAX and PyTorch.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { silu } from "@tapegrad/tapegrad";
 *
 * console.log(silu(1).value); // 0.7310585786300049
 * ```
 */
export function silu(x: Operand): Variable {
  const input = toVariable(x);
  return tape.group("silu", () => input.mul(input.sigmoid()));
}

/**
 * `x tanh(softplus(x))`. NaN at -Infinity.
 * Source: Misra, https://arxiv.org/abs/1908.08681
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { mish } from "@tapegrad/tapegrad";
 *
 * console.log(mish(1).value); // 0.8650983882673103
 * ```
 */
export function mish(x: Operand): Variable {
  const input = toVariable(x);
  return tape.group("mish", () => input.mul(input.softplus().tanh()));
}

/**
 * `min(max(x, 0), 6)`; the derivative at 0 and at 6 is 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { relu6 } from "@tapegrad/tapegrad";
 *
 * console.log(relu6([-1, 3, 9]).value); // [ 0, 3, 6 ]
 * ```
 */
export function relu6(x: Operand): Variable {
  const input = toVariable(x);
  return tape.group("relu6", () => input.ge(6).where(6, input.relu()));
}

/**
 * Straight lines instead of a sigmoid, `relu6(x + 3) / 6`; the derivative at -3 and 3 is 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { hardSigmoid } from "@tapegrad/tapegrad";
 *
 * console.log(hardSigmoid([-4, 0, 1.5]).value); // [ 0, 0.5, 0.75 ]
 * ```
 */
export function hardSigmoid(x: Operand): Variable {
  return tape.group("hardSigmoid", () => relu6(toVariable(x).add(3)).div(6));
}

/**
 * Keeps x between -1 and 1, or between given bounds; the derivative at the bounds is 1 (as in JAX; PyTorch
 * has 0).
 *
 * @param x Any shape
 * @param options `min` and `max`, -1 and 1 by default
 * @returns The same shape and dtype
 * @throws {RangeError} If min is above max
 *
 * @example
 * ```ts
 * import { hardTanh } from "@tapegrad/tapegrad";
 *
 * console.log(hardTanh([-3, 0.5, 3]).value); // [ -1, 0.5, 1 ]
 * ```
 */
export function hardTanh(x: Operand, options?: HardTanhOptions): Variable {
  const { min, max } = readOptions("hardTanh", options, { min: -1, max: 1 });
  return clip(x, readNumber("hardTanh", "min", min), readNumber("hardTanh", "max", max));
}

/**
 * `x / (1 + |x|)`; derivative `1 / (1 + |x|)^2`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { softsign } from "@tapegrad/tapegrad";
 *
 * console.log(softsign([-1, 3]).value); // [ -0.5, 0.75 ]
 * ```
 */
export function softsign(x: Operand): Variable {
  return unary(op.softsign, x);
}

/**
 * Moves x toward 0 by lambda: 0 where `|x| <= lambda`, else `x - sign(x) lambda`; the derivative is 0 up
 * to the kinks and at them, 1 beyond.
 *
 * @param x Any shape
 * @param options `lambda`, 0.5 by default
 * @returns The same shape and dtype
 * @throws {RangeError} If lambda is negative or NaN
 *
 * @example
 * ```ts
 * import { softshrink } from "@tapegrad/tapegrad";
 *
 * console.log(softshrink([-2, 0.1, 2]).value); // [ -1.5, 0, 1.5 ]
 * ```
 */
export function softshrink(x: Operand, options?: SoftshrinkOptions): Variable {
  const { lambda } = readOptions("softshrink", options, { lambda: 0.5 });
  const size = readNumber("softshrink", "lambda", lambda, { min: 0 });
  const input = toVariable(x);
  return tape.group("softshrink", () => input.sub(input.clip(-size, size)));
}

/**
 * `x - tanh(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { tanhshrink } from "@tapegrad/tapegrad";
 *
 * console.log(tanhshrink(0).value); // 0
 * ```
 */
export function tanhshrink(x: Operand): Variable {
  const input = toVariable(x);
  return tape.group("tanhshrink", () => input.sub(input.tanh()));
}

/**
 * Logistic function `1 / (1 + exp(-x))`; derivative `s (1 - s)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { sigmoid } from "@tapegrad/tapegrad";
 *
 * console.log(sigmoid(0).value); // 0.5
 * ```
 */
export function sigmoid(x: Operand): Variable {
  return unary(op.sigmoid, x);
}

/**
 * Rectifier `max(x, 0)`; derivative 1 above 0, else 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { relu } from "@tapegrad/tapegrad";
 *
 * console.log(relu(-2).value); // 0
 * ```
 */
export function relu(x: Operand): Variable {
  return unary(op.relu, x);
}

/**
 * `log(1 + exp(x))` without overflow; derivative `sigmoid(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { softplus } from "@tapegrad/tapegrad";
 *
 * console.log(softplus(1000).value); // 1000
 * ```
 */
export function softplus(x: Operand): Variable {
  return unary(op.softplus, x);
}

/**
 * `log(sigmoid(x))` without underflow; derivative `sigmoid(-x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { logSigmoid } from "@tapegrad/tapegrad";
 *
 * console.log(logSigmoid(-1000).value); // -1000
 * ```
 */
export function logSigmoid(x: Operand): Variable {
  return tape.group("logSigmoid", () => softplus(neg(x)).neg());
}
