import { checkSize, readInteger, readNumber, readOptions } from "../_internal/readers/mod.ts";
import { NdArray } from "../array/nd_array.ts";
import { Draws } from "./_draws.ts";
import type { Examples } from "./split.ts";

/** How many examples are made up, how noisy, and from which seed. */
export interface GeneratorOptions {
  /** The number of examples; 200 by default. */
  readonly count?: number;
  /** The standard deviation of what is added to each coordinate; 0.1 by default. */
  readonly noise?: number;
  /** The same seed gives the same examples; 0 by default. */
  readonly seed?: number;
}

/** A point in the plane. */
type Point = readonly [x: number, y: number];

/**
 * Two half circles that reach into each other: two classes that no straight line divides.
 *
 * @param options Count, noise and seed
 * @returns Points of shape `[count, 2]` and classes 0 and 1 of shape `[count]`, float32, in random order
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If the count is not an integer from 1 up, or the noise negative
 *
 * @example
 * ```ts
 * import { makeMoons } from "@tapegrad/tapegrad/data";
 *
 * console.log(makeMoons({ count: 100 }).features.shape); // [100, 2]
 * ```
 */
export function makeMoons(options?: GeneratorOptions): Examples {
  return classified("makeMoons", options, 2, 0.1, (group, draws) => {
    const angle = draws.uniform(0, Math.PI);
    return group === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
  });
}

/**
 * A circle inside another: two classes.
 *
 * @param options Count, noise and seed
 * @returns Points of shape `[count, 2]` and classes 0 (outside, radius 1) and 1 (inside, radius 0.5), float32
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If the count is not an integer from 1 up, or the noise negative
 *
 * @example
 * ```ts
 * import { makeCircles } from "@tapegrad/tapegrad/data";
 *
 * console.log(makeCircles({ noise: 0 }).labels.shape); // [200]
 * ```
 */
export function makeCircles(options?: GeneratorOptions): Examples {
  return classified("makeCircles", options, 2, 0.1, (group, draws) => {
    const angle = draws.uniform(0, 2 * Math.PI);
    const radius = group === 0 ? 1 : 0.5;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** Spirals, and how many of them. */
export interface SpiralOptions extends GeneratorOptions {
  /** The number of arms, each a class; 2 by default. */
  readonly classes?: number;
  /** How often an arm goes around; 1 by default. */
  readonly turns?: number;
}

/**
 * Arms of a spiral, each a class: hard to tell apart near the centre.
 *
 * @param options Count, noise, seed, classes and turns
 * @returns Points of shape `[count, 2]` within a circle of radius 1, and classes of shape `[count]`, float32
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { makeSpirals } from "@tapegrad/tapegrad/data";
 *
 * console.log(makeSpirals({ classes: 3, count: 300 }).features.shape); // [300, 2]
 * ```
 */
export function makeSpirals(options?: SpiralOptions): Examples {
  const { classes, turns, ...rest } = readOptions("makeSpirals", options, {
    count: 200,
    noise: 0.02,
    seed: 0,
    classes: 2,
    turns: 1,
  });
  readInteger("makeSpirals", "the option classes", classes, 1);
  readNumber("makeSpirals", "the option turns", turns, { min: 0, below: Infinity });
  return classified("makeSpirals", rest, classes, 0.02, (group, draws) => {
    const radius = Math.sqrt(draws.uniform(0.01, 1));
    const angle = 2 * Math.PI * (turns * radius + group / classes);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** Clusters of points, and where they lie. */
export interface BlobOptions {
  /** The number of examples; 200 by default. */
  readonly count?: number;
  /** The number of clusters, each a class; 3 by default. */
  readonly classes?: number;
  /** The number of coordinates; 2 by default. */
  readonly dimensions?: number;
  /** The standard deviation within a cluster; 1 by default. */
  readonly deviation?: number;
  /** The same seed gives the same examples; 0 by default. */
  readonly seed?: number;
}

/**
 * Clusters of normally distributed points around centres drawn from -10 to 10.
 *
 * @param options Count, classes, dimensions, deviation and seed
 * @returns Points of shape `[count, dimensions]` and classes of shape `[count]`, float32
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { makeBlobs } from "@tapegrad/tapegrad/data";
 *
 * console.log(makeBlobs({ classes: 4, dimensions: 3 }).features.shape); // [200, 3]
 * ```
 */
export function makeBlobs(options?: BlobOptions): Examples {
  const { count, classes, dimensions, deviation, seed } = readOptions("makeBlobs", options, {
    count: 200,
    classes: 3,
    dimensions: 2,
    deviation: 1,
    seed: 0,
  });
  readInteger("makeBlobs", "the option classes", classes, 1);
  readInteger("makeBlobs", "the option dimensions", dimensions, 1);
  readNumber("makeBlobs", "the option deviation", deviation, { min: 0, below: Infinity });
  checkSize("makeBlobs", [classes, dimensions]);
  const draws = makeDraws("makeBlobs", count, seed, dimensions);
  const centres = Array.from(
    { length: classes },
    () => Array.from({ length: dimensions }, () => draws.uniform(-10, 10)),
  );
  return examplesOf(
    count,
    classes,
    dimensions,
    draws,
    (group) => centres[group]!.map((x) => x + deviation * draws.normal()),
  );
}

/** A linear relation, and how noisy it is. */
export interface RegressionOptions {
  /** The number of examples; 200 by default. */
  readonly count?: number;
  /** The number of features; 1 by default. */
  readonly dimensions?: number;
  /** The standard deviation of what is added to each target; 0.1 by default. */
  readonly noise?: number;
  /** The same seed gives the same examples; 0 by default. */
  readonly seed?: number;
}

/** Examples of a linear relation. */
export interface RegressionExamples extends Examples {
  /** The weight of each feature, shape `[dimensions]`. */
  readonly weights: NdArray;
  /** What is added to the weighted sum. */
  readonly bias: number;
}

/**
 * Targets that depend linearly on normally distributed features: weights and bias are drawn from -3 to 3.
 *
 * @param options Count, dimensions, noise and seed
 * @returns Features of shape `[count, dimensions]`, targets (as labels) of shape `[count]`, float32, and the relation
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { makeRegression } from "@tapegrad/tapegrad/data";
 *
 * const { features, labels, weights, bias } = makeRegression({ noise: 0 });
 * console.log(Math.abs(features.data[0]! * weights.data[0]! + bias - labels.data[0]!) < 1e-6); // true
 * ```
 */
export function makeRegression(options?: RegressionOptions): RegressionExamples {
  const { count, dimensions, noise, seed } = readOptions("makeRegression", options, {
    count: 200,
    dimensions: 1,
    noise: 0.1,
    seed: 0,
  });
  readInteger("makeRegression", "the option dimensions", dimensions, 1);
  readNumber("makeRegression", "the option noise", noise, { min: 0, below: Infinity });
  const draws = makeDraws("makeRegression", count, seed, dimensions);
  const weights = Float32Array.from({ length: dimensions }, () => draws.uniform(-3, 3));
  const bias = draws.uniform(-3, 3);
  const features = Float32Array.from({ length: count * dimensions }, () => draws.normal());
  const labels = Float32Array.from(
    { length: count },
    (_, i) =>
      weights.reduce((sum, w, k) => sum + w * features[i * dimensions + k]!, bias) + noise * draws.normal(),
  );
  return {
    features: new NdArray(features, [count, dimensions]),
    labels: new NdArray(labels, [count]),
    weights: new NdArray(weights, [dimensions]),
    bias,
  };
}

function makeDraws(operation: string, count: number, seed: number, dimensions: number = 2): Draws {
  readInteger(operation, "the option count", count, 1);
  checkSize(operation, [count, dimensions], 4);
  readInteger(operation, "the option seed", seed, 0);
  return new Draws(seed);
}

/** Points of several classes in the plane, with noise. */
function classified(
  operation: string,
  options: GeneratorOptions | undefined,
  classes: number,
  usualNoise: number,
  place: (group: number, draws: Draws) => Point,
): Examples {
  const { count, noise, seed } = readOptions(operation, options, { count: 200, noise: usualNoise, seed: 0 });
  readNumber(operation, "the option noise", noise, { min: 0, below: Infinity });
  const draws = makeDraws(operation, count, seed);
  return examplesOf(
    count,
    classes,
    2,
    draws,
    (group) => place(group, draws).map((x) => x + noise * draws.normal()),
  );
}

/** As many examples of each class as of the others, or one more, in random order. */
function examplesOf(
  count: number,
  classes: number,
  dimensions: number,
  draws: Draws,
  make: (group: number) => readonly number[],
): Examples {
  const features = new Float32Array(count * dimensions);
  const labels = new Float32Array(count);
  draws.order(count).forEach((row, i) => {
    const group = i % classes;
    features.set(make(group), row * dimensions);
    labels[row] = group;
  });
  return { features: new NdArray(features, [count, dimensions]), labels: new NdArray(labels, [count]) };
}
