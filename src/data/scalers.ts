import { message } from "../_internal/message.ts";
import { readNumber, readOptions } from "../_internal/readers/mod.ts";
import { allocate } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";
import { quantile } from "./_statistics.ts";
import { readColumns, type Rows } from "./rows.ts";

/** The kinds of scalers. */
export type ScalerKind = "standard" | "minMax" | "robust";

/** What a scaler has learnt, as JSON can hold it: column k becomes `(x - offsets[k]) / scales[k]`. */
export interface ScalerDescription {
  /** Which scaler it is. */
  readonly kind: ScalerKind;
  /** What is subtracted from each column. */
  readonly offsets: readonly number[];
  /** What each column is then divided by. */
  readonly scales: readonly number[];
}

/**
 * Shifts and scales each column by what was learnt from one array, also in others.
 *
 * Arrays are `[rows, columns]`, nested arrays of numbers, or Variables. Methods throw a TypeError for arrays of another
 * shape, or when the scaler is used before `fit`; `fit` throws a RangeError for numbers that are not finite.
 */
export interface Scaler {
  /** Learns offset and scale of each column. */
  fit(x: Rows): Scaler;
  /** Subtracts the offsets and divides by the scales; same shape and dtype. */
  transform(x: Rows): NdArray;
  /** Undoes `transform`. */
  inverseTransform(x: Rows): NdArray;
  /** `fit` and `transform` in one. */
  fitTransform(x: Rows): NdArray;
  /** What was learnt, to be kept with a model; `scalerFrom` reads it back. */
  toJSON(): ScalerDescription;
}

/** A scaler that brings columns to mean 0 and standard deviation 1. */
export type StandardScaler = Scaler;

/** What is learnt of one column. */
interface Fit {
  readonly offset: number;
  readonly scale: number;
}

/**
 * Makes a scaler that brings each column to mean 0 and (population) standard deviation 1; a constant column becomes 0.
 *
 * @example
 * ```ts
 * import { loadIris, standardScaler } from "@tapegrad/tapegrad/data";
 *
 * const scaler = standardScaler();
 * console.log(scaler.fitTransform(loadIris().features).shape); // [150, 4]
 * ```
 */
export function standardScaler(): Scaler {
  return makeScaler("standard", (column) => {
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    const sum = column.reduce((total, value) => total + (value - mean) ** 2, 0);
    return { offset: mean, scale: Math.sqrt(sum / column.length) };
  });
}

/** The range that {@linkcode minMaxScaler} brings columns to. */
export interface MinMaxOptions {
  /** What the least number of a column becomes; 0 by default. */
  readonly low?: number;
  /** What the largest number of a column becomes; 1 by default. */
  readonly high?: number;
}

/**
 * Makes a scaler that brings each column to a range; a constant column becomes the low end.
 *
 * @param options The range, 0 to 1 by default
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If high is not greater than low
 *
 * @example
 * ```ts
 * import { minMaxScaler } from "@tapegrad/tapegrad/data";
 *
 * console.log(minMaxScaler().fitTransform([[1], [3], [5]]).toNested()); // [[0], [0.5], [1]]
 * ```
 */
export function minMaxScaler(options?: MinMaxOptions): Scaler {
  const { low, high } = readOptions("minMaxScaler", options, { low: 0, high: 1 });
  readNumber("minMaxScaler", "the option low", low, { above: -Infinity, below: Infinity });
  readNumber("minMaxScaler", "the option high", high, { above: low, below: Infinity });
  return makeScaler("minMax", (column) => {
    const least = column.reduce((a, b) => Math.min(a, b));
    const range = column.reduce((a, b) => Math.max(a, b)) - least;
    const scale = (range || 1) / (high - low);
    return { offset: least - low * scale, scale };
  });
}

/**
 * Makes a scaler that brings each column to median 0 and a distance of 1 between its quartiles, so that a few odd
 * numbers say little; where the quartiles are equal the column is only shifted.
 *
 * @example
 * ```ts
 * import { robustScaler } from "@tapegrad/tapegrad/data";
 *
 * console.log(robustScaler().fitTransform([[1], [2], [3], [4], [1000]]).toNested());
 * // [[-1], [-0.5], [0], [0.5], [498.5]]
 * ```
 */
export function robustScaler(): Scaler {
  return makeScaler("robust", (column) => {
    const sorted = column.slice().sort();
    return { offset: quantile(sorted, 0.5), scale: quantile(sorted, 0.75) - quantile(sorted, 0.25) };
  });
}

/**
 * A scaler that knows already what another has learnt.
 *
 * @param description What `toJSON` gave
 * @throws {TypeError} If it is something else
 *
 * @example
 * ```ts
 * import { scalerFrom, standardScaler } from "@tapegrad/tapegrad/data";
 *
 * const text = JSON.stringify(standardScaler().fit([[1], [3]]));
 * console.log(scalerFrom(JSON.parse(text)).transform([[5]]).toNested()); // [[3]]
 * ```
 */
export function scalerFrom(description: ScalerDescription): Scaler {
  const { kind, offsets, scales } = (description ?? {}) as Partial<ScalerDescription>;
  const isNumbers = (list: unknown): list is number[] => Array.isArray(list) && list.every(Number.isFinite);
  if (
    !(kind === "standard" || kind === "minMax" || kind === "robust") || !isNumbers(offsets) ||
    !isNumbers(scales) || offsets.length !== scales.length || scales.includes(0)
  ) {
    throw new TypeError(
      message`Cannot read a scaler from ${description}: expected what its toJSON() gave, { kind, offsets, scales }`,
    );
  }
  const again = { standard: standardScaler, minMax: minMaxScaler, robust: robustScaler }
    [kind]() as LearntScaler;
  again.know(offsets, scales);
  return again;
}

/** A scaler that can be told what it has learnt. */
interface LearntScaler extends Scaler {
  know(offsets: readonly number[], scales: readonly number[]): void;
}

function makeScaler(kind: ScalerKind, fitColumn: (column: Float64Array) => Fit): Scaler {
  let offsets: readonly number[] | undefined;
  let scales: readonly number[] = [];
  const map = (x: Rows, f: (value: number, offset: number, scale: number) => number): NdArray => {
    if (offsets === undefined) throw new TypeError("Cannot use the scaler: call fit() first");
    const count = offsets.length;
    const array = readColumns("the scaler", x, count);
    const data = allocate(array.dtype, array.size);
    for (let i = 0; i < data.length; i++) {
      data[i] = f(array.data[i]!, offsets[i % count]!, scales[i % count]!);
    }
    return new NdArray(data, array.shape);
  };
  const scaler: LearntScaler = {
    know(knownOffsets, knownScales) {
      offsets = [...knownOffsets];
      scales = [...knownScales];
    },
    fit(x) {
      const fits = columnsOf(readColumns("the scaler", x)).map((column) => {
        // Rounding would leave a constant column a tiny scale to be divided by.
        const { offset, scale } = fitColumn(column);
        if (kind === "minMax") return { offset, scale };
        return column.every((value) => value === column[0])
          ? { offset: column[0]!, scale: 1 }
          : { offset, scale: scale || 1 };
      });
      scaler.know(fits.map(({ offset }) => offset), fits.map(({ scale }) => scale));
      return scaler;
    },
    transform: (x) => map(x, (value, offset, scale) => (value - offset) / scale),
    inverseTransform: (x) => map(x, (value, offset, scale) => value * scale + offset),
    fitTransform(x) {
      const array = readColumns("the scaler", x);
      return scaler.fit(array).transform(array);
    },
    toJSON() {
      if (offsets === undefined) throw new TypeError("Cannot describe the scaler: call fit() first");
      return { kind, offsets: [...offsets], scales: [...scales] };
    },
  };
  return scaler;
}

/** The columns of a table of finite numbers. */
function columnsOf(x: NdArray): Float64Array[] {
  const [rows, columns] = x.shape as [number, number];
  if (rows === 0) throw new TypeError("Cannot fit the scaler: the array has no rows");
  const bad = x.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(
      message`Cannot fit the scaler: row ${Math.floor(bad / columns)}, column
      ${bad % columns} is ${x.data[bad]}`,
    );
  }
  return Array.from(
    { length: columns },
    (_, k) => Float64Array.from({ length: rows }, (_, i) => x.data[i * columns + k]!),
  );
}
