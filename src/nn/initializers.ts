import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import type { DType } from "../array/dtype.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import { type Shape, sizeOf } from "../array/shape.ts";
import { type Key, normal, uniform } from "../random/mod.ts";

/** Makes the start values of a kernel `[..., inputs, units]` or a bias `[units]`. */
export type Initializer = (key: Key, shape: Shape, dtype: DType) => NdArray;

/**
 * The names of the initializers. `glorot…` keeps the size of signals both ways (Glorot and Bengio 2010,
 * equation 16), `he…` suits relu (He et al. 2015, equation 10), `lecunNormal` keeps it forwards;
 * `randomNormal` has standard deviation 0.05, `randomUniform` goes from -0.05 to 0.05.
 */
export type InitializerName =
  | "zeros"
  | "ones"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "lecunNormal"
  | "randomNormal"
  | "randomUniform";

const INITIALIZERS: { readonly [K in InitializerName]: Initializer } = {
  zeros: (_, shape, dtype) => fullArray(shape, 0, dtype),
  ones: (_, shape, dtype) => fullArray(shape, 1, dtype),
  glorotUniform: scaledUniform((inputs, units) => (inputs + units) / 2),
  glorotNormal: scaledNormal((inputs, units) => (inputs + units) / 2, 1),
  heUniform: scaledUniform((inputs) => inputs / 2),
  heNormal: scaledNormal((inputs) => inputs, 2),
  lecunNormal: scaledNormal((inputs) => inputs, 1),
  randomNormal: (key, shape, dtype) => normal(key, shape, { standardDeviation: 0.05, dtype }).toArray(),
  randomUniform: (key, shape, dtype) => uniform(key, shape, { low: -0.05, high: 0.05, dtype }).toArray(),
};

/** Uniform with variance `1 / fan`: from `-sqrt(3 / fan)` to `sqrt(3 / fan)`. */
function scaledUniform(fan: (inputs: number, units: number) => number): Initializer {
  return (key, shape, dtype) => {
    const limit = Math.sqrt(3 / fan(...fansOf(shape)));
    return uniform(key, shape, { low: -limit, high: limit, dtype }).toArray();
  };
}

/** Normal with variance `gain / fan`. */
function scaledNormal(fan: (inputs: number, units: number) => number, gain: number): Initializer {
  return (key, shape, dtype) =>
    normal(key, shape, { standardDeviation: Math.sqrt(gain / fan(...fansOf(shape))), dtype }).toArray();
}

/** Of filters every pixel counts: an output sees, and an input reaches, all of them. */
function fansOf(shape: Shape): [inputs: number, units: number] {
  const pixels = sizeOf(shape.slice(0, -2));
  return [pixels * (shape.at(-2) ?? shape[0]!), pixels * shape.at(-1)!];
}

/**
 * Looks an initializer up, or takes a function as one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function initializerOf(initializer: InitializerName | Initializer): Initializer {
  if (typeof initializer === "function") return initializer;
  if (Object.hasOwn(INITIALIZERS, initializer)) return INITIALIZERS[initializer];
  throw new RangeError(
    message`Unknown initializer: ${describeValue(initializer)}, use one of
    ${Object.keys(INITIALIZERS).join(", ")} or a function`,
  );
}
