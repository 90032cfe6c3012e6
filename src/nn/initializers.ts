import type { DType } from "../array/dtype.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import type { Shape } from "../array/shape.ts";
import { type Key, normal, uniform } from "../random/mod.ts";

/** Makes the start values of a kernel of shape `[inputs, units]`. */
type Initializer = (key: Key, shape: Shape, dtype: DType) => NdArray;

const INITIALIZERS: { readonly [K in InitializerName]: Initializer } = {
  zeros: (_, shape, dtype) => fullArray(shape, 0, dtype),
  ones: (_, shape, dtype) => fullArray(shape, 1, dtype),
  // Glorot and Bengio 2010, equation 16.
  glorotUniform: (key, shape, dtype) => {
    const limit = Math.sqrt(6 / (shape[0]! + shape[1]!));
    return uniform(key, shape, { low: -limit, high: limit, dtype });
  },
  // He et al. 2015, equation 10.
  heNormal: (key, shape, dtype) => normal(key, shape, { standardDeviation: Math.sqrt(2 / shape[0]!), dtype }),
  randomNormal: (key, shape, dtype) => normal(key, shape, { dtype }),
};

/** The names of the initializers. */
export type InitializerName = "zeros" | "ones" | "glorotUniform" | "heNormal" | "randomNormal";

/**
 * Looks an initializer up.
 *
 * @throws {RangeError} If there is none of that name
 */
export function initializerOf(name: InitializerName): Initializer {
  if (Object.hasOwn(INITIALIZERS, name)) return INITIALIZERS[name];
  throw new RangeError(
    `Unknown initializer: ${JSON.stringify(name)}, use one of ${Object.keys(INITIALIZERS).join(", ")}`,
  );
}
