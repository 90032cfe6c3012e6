import { message } from "../_internal/message.ts";
import { readChoice, readFunction, readNumber, readOptions } from "../_internal/readers/mod.ts";
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
  readonly stddev?: number;
}

/** Options of {@linkcode randomUniform}. */
export interface UniformOptions {
  /** -0.05 by default. */
  readonly minval?: number;
  /** 0.05 by default. */
  readonly maxval?: number;
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
  initializers.define(name, (options: Record<never, never>) => {
    readOptions(`the initializer ${name}`, options, {});
    return (_, shape, dtype) => fullArray(shape, value, dtype);
  });
}

/** All elements the same. */
export const constantInitializer: Factory<{ value: number }, Initializer> = initializers.define(
  "constant",
  (options: { value: number }): Initializer => {
    const { value } = readOptions("the initializer constant", options, { value: 0 });
    readNumber("the initializer constant", "value", value);
    return (_, shape, dtype) => fullArray(shape, value, dtype);
  },
);

/** Normally distributed numbers; standard deviation 0.05 by default. */
export const randomNormal: Factory<NormalOptions, Initializer> = initializers.define(
  "randomNormal",
  (options: NormalOptions): Initializer => {
    const read = readNormal("the initializer randomNormal", options);
    return (key, shape, dtype) => normal(key, shape, { ...read, dtype });
  },
);

/** Normally distributed numbers, drawn again where they are more than two standard deviations from the mean. */
export const truncatedNormal: Factory<NormalOptions, Initializer> = initializers.define(
  "truncatedNormal",
  (options: NormalOptions): Initializer => {
    const read = readNormal("the initializer truncatedNormal", options);
    return (key, shape, dtype) => drawTruncated(key, shape, { ...read, dtype });
  },
);

function readNormal(name: string, options: NormalOptions): { mean: number; standardDeviation: number } {
  const { mean, stddev } = readOptions(name, options, { mean: 0, stddev: 0.05 });
  return {
    mean: readNumber(name, "mean", mean),
    standardDeviation: readNumber(name, "stddev", stddev, { min: 0, below: Infinity }),
  };
}

/** Evenly distributed numbers; from -0.05 to 0.05 by default. */
export const randomUniform: Factory<UniformOptions, Initializer> = initializers.define(
  "randomUniform",
  (options: UniformOptions): Initializer => {
    const name = "the initializer randomUniform";
    const { minval, maxval } = readOptions(name, options, { minval: -0.05, maxval: 0.05 });
    const low = readNumber(name, "minval", minval);
    const high = readNumber(name, "maxval", maxval, { min: low });
    return (key, shape, dtype) => uniform(key, shape, { low, high, dtype });
  },
);

/** Numbers whose variance follows from how many inputs or outputs there are (He et al. 2015, section 2.2). */
export const varianceScaling: Factory<VarianceScalingOptions, Initializer> = initializers.define(
  "varianceScaling",
  (options: VarianceScalingOptions): Initializer => {
    const name = "the initializer varianceScaling";
    const read = readOptions(name, options, {
      scale: 1,
      mode: "fanIn",
      distribution: "truncatedNormal",
    });
    const scale = readNumber(name, "scale", read.scale, { above: 0, below: Infinity });
    const mode = readChoice(name, "mode", read.mode, ["fanIn", "fanOut", "fanAvg"]);
    const distribution = readChoice(name, "distribution", read.distribution, [
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
  (options: { gain?: number }): Initializer => {
    const gain = readGain("orthogonal", options);
    return (key, shape, dtype) => drawOrthogonal(key, shape, dtype, gain);
  },
);

function drawOrthogonal(key: Key, shape: Shape, dtype: DType, gain: number): Operand {
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
}

function readGain(name: string, options: { gain?: number }): number {
  const { gain } = readOptions(`the initializer ${name}`, options, { gain: 1 });
  return readNumber(`the initializer ${name}`, "gain", gain);
}

/** The identity matrix, for kernels of two axes. */
export const identity: Factory<{ gain?: number }, Initializer> = initializers.define(
  "identity",
  (options: { gain?: number }): Initializer => {
    const gain = readGain("identity", options);
    return (_, shape, dtype) => {
      const [rows, columns] = shape;
      if (rows === undefined || columns === undefined || shape.length !== 2) {
        throw new TypeError(message`Cannot initialize shape ${shape} by identity: it needs two axes`);
      }
      return eye(rows, { columns, dtype }).mul(gain);
    };
  },
);

function byVariance(
  name: string,
  options: VarianceScalingOptions,
): Factory<Record<never, never>, Initializer> {
  const initializer = varianceScaling(options);
  return initializers.define(name, (given: Record<never, never>): Initializer => {
    readOptions(`the initializer ${name}`, given, {});
    return (key, shape, dtype) => initializer(key, shape, dtype);
  });
}

/** Even numbers with the variance `2 / (inputs + units)` (Glorot and Bengio 2010, equation 16). */
export const glorotUniform: Factory<Record<never, never>, Initializer> = byVariance("glorotUniform", {
  mode: "fanAvg",
  distribution: "uniform",
});

/** Normally distributed numbers with the variance `2 / (inputs + units)`, none beyond two standard deviations. */
export const glorotNormal: Factory<Record<never, never>, Initializer> = byVariance("glorotNormal", {
  mode: "fanAvg",
});

/** Even numbers with the variance `2 / inputs` (He et al. 2015, equation 10). */
export const heUniform: Factory<Record<never, never>, Initializer> = byVariance("heUniform", {
  scale: 2,
  distribution: "uniform",
});

/** Normally distributed numbers with the variance `2 / inputs`, none beyond two standard deviations. */
export const heNormal: Factory<Record<never, never>, Initializer> = byVariance("heNormal", { scale: 2 });

/** Even numbers with the variance `1 / inputs` (LeCun et al. 1998, equation 16). */
export const lecunUniform: Factory<Record<never, never>, Initializer> = byVariance("lecunUniform", {
  distribution: "uniform",
});

/** Normally distributed numbers with the variance `1 / inputs`, none beyond two standard deviations. */
export const lecunNormal: Factory<Record<never, never>, Initializer> = byVariance("lecunNormal", {});

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
  readFunction("defineInitializer", "the initializer", f);
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
