import { message } from "../_internal/message.ts";
import { readChoice, readNumber } from "../_internal/readers/mod.ts";
import type { DType } from "../array/dtype.ts";
import { fullArray } from "../array/nd_array.ts";
import { type Shape, sizeOf } from "../array/shape.ts";
import { diagonal, eye, qr } from "../functions/mod.ts";
import { type Key, normal, truncatedNormal as drawTruncated, uniform } from "../random/mod.ts";
import { constant as makeConstant, noGrad, type Operand } from "../variable/mod.ts";
import { type Factory, Registry } from "./core/registry.ts";

/** Makes the start values of a kernel `[..., inputs, units]` or a bias `[units]`. */
export type Initializer = (key: Key, shape: Shape, dtype: DType) => Operand;

/**
 * The names of the initializers. `glorot…` keeps the size of signals both ways (Glorot and Bengio 2010,
 * equation 16), `he…` suits relu (He et al. 2015, equation 10), `lecun…` keeps it forwards (LeCun et al. 1998);
 * `randomNormal` has standard deviation 0.05, `randomUniform` goes from -0.05 to 0.05.
 */
export type InitializerName =
  | "zeros"
  | "ones"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "lecunUniform"
  | "lecunNormal"
  | "randomNormal"
  | "randomUniform"
  | "truncatedNormal"
  | "varianceScaling"
  | "orthogonal"
  | "identity";

/** An initializer by its name, a function, or one number for all elements. */
export type InitializerArgument = InitializerName | Initializer | number;

/** The initializers, by name. */
export const initializers: Registry<Initializer> = new Registry<Initializer>("initializer");

/** Options of {@linkcode randomNormal} and {@linkcode truncatedNormal}. */
export interface NormalOptions {
  /** 0 by default. */
  readonly mean?: number;
  /** 0.05 by default. */
  readonly standardDeviation?: number;
}

/** Options of {@linkcode randomUniform}. */
export interface UniformOptions {
  /** -0.05 by default. */
  readonly low?: number;
  /** 0.05 by default. */
  readonly high?: number;
}

/** Options of {@linkcode varianceScaling}. */
export interface VarianceScalingOptions {
  /** The variance times the number that `mode` names; 1 by default. */
  readonly scale?: number;
  /** Inputs (the default), outputs, or their mean. */
  readonly mode?: "fanIn" | "fanOut" | "fanAvg";
  /** `"truncatedNormal"` by default. */
  readonly distribution?: "truncatedNormal" | "untruncatedNormal" | "uniform";
}

/** The standard deviation of a standard normal distribution that is cut off at 2. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

for (const [name, value] of [["zeros", 0], ["ones", 1]] as const) {
  initializers.define(name, () => (_, shape, dtype) => fullArray(shape, value, dtype));
}

/** All elements the same. */
export const constantInitializer: Factory<{ value: number }, Initializer> = initializers.define(
  "constant",
  ({ value }: { value: number }): Initializer => {
    readNumber("the initializer constant", "value", value);
    return (_, shape, dtype) => fullArray(shape, value, dtype);
  },
);

/** Normally distributed numbers; standard deviation 0.05 by default. */
export const randomNormal: Factory<NormalOptions, Initializer> = initializers.define(
  "randomNormal",
  ({ mean = 0, standardDeviation = 0.05 }: NormalOptions): Initializer => (key, shape, dtype) =>
    normal(key, shape, { mean, standardDeviation, dtype }),
);

/** Normally distributed numbers, drawn again where they are more than two standard deviations from the mean. */
export const truncatedNormal: Factory<NormalOptions, Initializer> = initializers.define(
  "truncatedNormal",
  ({ mean = 0, standardDeviation = 0.05 }: NormalOptions): Initializer => (key, shape, dtype) =>
    drawTruncated(key, shape, { mean, standardDeviation, dtype }),
);

/** Evenly distributed numbers; from -0.05 to 0.05 by default. */
export const randomUniform: Factory<UniformOptions, Initializer> = initializers.define(
  "randomUniform",
  ({ low = -0.05, high = 0.05 }: UniformOptions): Initializer => (key, shape, dtype) =>
    uniform(key, shape, { low, high, dtype }),
);

/** Numbers whose variance follows from how many inputs or outputs there are (He et al. 2015, section 2.2). */
export const varianceScaling: Factory<VarianceScalingOptions, Initializer> = initializers.define(
  "varianceScaling",
  (options: VarianceScalingOptions): Initializer => {
    const name = "the initializer varianceScaling";
    const scale = readNumber(name, "scale", options.scale ?? 1, { above: 0 });
    const mode = readChoice(name, "mode", options.mode ?? "fanIn", ["fanIn", "fanOut", "fanAvg"]);
    const distribution = readChoice(name, "distribution", options.distribution ?? "truncatedNormal", [
      "truncatedNormal",
      "untruncatedNormal",
      "uniform",
    ]);
    return (key, shape, dtype) => {
      const [inputs, units] = fansOf(shape);
      const fan = mode === "fanIn" ? inputs : mode === "fanOut" ? units : (inputs + units) / 2;
      const variance = scale / Math.max(1, fan);
      if (distribution === "uniform") {
        const limit = Math.sqrt(3 * variance);
        return uniform(key, shape, { low: -limit, high: limit, dtype });
      }
      return distribution === "untruncatedNormal"
        ? normal(key, shape, { standardDeviation: Math.sqrt(variance), dtype })
        : drawTruncated(key, shape, { standardDeviation: Math.sqrt(variance) / TRUNCATED_DEVIATION, dtype });
    };
  },
);

/**
 * A matrix with orthonormal rows or columns, whichever are fewer: the factor Q of a random matrix (Saxe et al.
 * 2014); axes before the last count as rows.
 */
export const orthogonal: Factory<{ gain?: number }, Initializer> = initializers.define(
  "orthogonal",
  ({ gain = 1 }: { gain?: number }): Initializer => (key, shape, dtype) => {
    if (shape.length < 2) {
      throw new TypeError(
        message`Cannot initialize shape ${shape} by orthogonal: it needs two axes at least`,
      );
    }
    const columns = shape.at(-1) ?? 1;
    const rows = sizeOf(shape) / columns;
    const [tall, wide] = [Math.max(rows, columns), Math.min(rows, columns)];
    return noGrad(() => {
      const { q, r } = qr(makeConstant(normal(key, [tall, wide])));
      const signed = q.mul(diagonal(r).ge(0).mul(2).sub(1));
      const matrix = rows < columns ? signed.transpose() : signed;
      return makeConstant(matrix.mul(gain).reshape(shape), { dtype });
    });
  },
);

/** The identity matrix, for kernels of two axes. */
export const identity: Factory<{ gain?: number }, Initializer> = initializers.define(
  "identity",
  ({ gain = 1 }: { gain?: number }): Initializer => (_, shape, dtype) => {
    const [rows, columns] = shape;
    if (rows === undefined || columns === undefined || shape.length !== 2) {
      throw new TypeError(message`Cannot initialize shape ${shape} by identity: it needs two axes`);
    }
    return eye(rows, { columns, dtype }).mul(gain);
  },
);

const BY_VARIANCE: { readonly [name: string]: VarianceScalingOptions } = {
  glorotUniform: { scale: 1, mode: "fanAvg", distribution: "uniform" },
  glorotNormal: { scale: 1, mode: "fanAvg", distribution: "truncatedNormal" },
  heUniform: { scale: 2, mode: "fanIn", distribution: "uniform" },
  heNormal: { scale: 2, mode: "fanIn", distribution: "truncatedNormal" },
  lecunUniform: { scale: 1, mode: "fanIn", distribution: "uniform" },
  lecunNormal: { scale: 1, mode: "fanIn", distribution: "truncatedNormal" },
};

for (const [name, options] of Object.entries(BY_VARIANCE)) {
  const initializer = varianceScaling(options);
  initializers.define(name, () => (key, shape, dtype) => initializer(key, shape, dtype));
}

/** Of filters every pixel counts: an output sees, and an input reaches, all of them. */
function fansOf(shape: Shape): [inputs: number, units: number] {
  const units = shape.at(-1) ?? 1;
  if (shape.length < 2) return [units, units];
  const pixels = sizeOf(shape.slice(0, -2));
  return [pixels * (shape.at(-2) ?? 1), pixels * units];
}

/**
 * Gives an initializer of one's own a name, under which models that use it are saved.
 *
 * @param name Its name
 * @param f Makes values of a key, shape and dtype
 * @throws {TypeError} If the name is taken
 *
 * @example
 * ```ts
 * import { full } from "@tapegrad/tapegrad";
 * import { defineInitializer, dense } from "@tapegrad/tapegrad/nn";
 *
 * const halves = defineInitializer("example/halves", (_, shape) => full(shape, 0.5));
 * console.log(dense({ units: 2, kernelInitializer: halves }).kind); // dense
 * ```
 */
export function defineInitializer(name: string, f: Initializer): Initializer {
  return initializers.define(name, (): Initializer => (key, shape, dtype) => f(key, shape, dtype))();
}

/**
 * Looks an initializer up, or takes a function or a number as one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function initializerOf(initializer: InitializerArgument): Initializer {
  if (typeof initializer === "number") return constantInitializer({ value: initializer });
  return initializers.resolve(initializer);
}
