import { message } from "../_internal/message.ts";
import { allocate } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";

/** Mean and standard deviation of each column, learnt from one array and applied to others. */
export interface StandardScaler {
  /** Learns mean and population standard deviation of each column of `[rows, columns]`. */
  fit(x: NdArray): StandardScaler;
  /** Subtracts the means and divides by the standard deviations; same shape and dtype. */
  transform(x: NdArray): NdArray;
  /** Undoes `transform`. */
  inverseTransform(x: NdArray): NdArray;
  /** `fit` and `transform` in one. */
  fitTransform(x: NdArray): NdArray;
}

/**
 * Makes a scaler that brings each column to mean 0 and standard deviation 1; a constant column becomes 0.
 *
 * Its methods throw a TypeError for arrays of another shape, or when it is used before `fit`; `fit` throws a
 * RangeError for numbers that are not finite.
 *
 * @example
 * ```ts
 * import { loadIris, standardScaler } from "@tapegrad/tapegrad/data";
 *
 * const scaler = standardScaler();
 * console.log(scaler.fitTransform(loadIris().features).shape); // [150, 4]
 * ```
 */
export function standardScaler(): StandardScaler {
  let means: number[] | undefined;
  let deviations: number[] = [];
  const map = (x: NdArray, f: (value: number, mean: number, deviation: number) => number): NdArray => {
    if (means === undefined) throw new TypeError("Cannot use the scaler: call fit() first");
    checkColumns(x, means.length);
    const data = allocate(x.dtype, x.size);
    for (let i = 0; i < data.length; i++) {
      const column = i % means.length;
      data[i] = f(x.data[i]!, means[column]!, deviations[column]!);
    }
    return new NdArray(data, x.shape);
  };
  const scaler: StandardScaler = {
    fit(x) {
      checkColumns(x, x.shape[1] ?? 0);
      const [rows, columns] = x.shape as [number, number];
      if (rows === 0) throw new TypeError("Cannot fit the scaler: the array has no rows");
      const bad = x.data.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        throw new RangeError(
          message`Cannot fit the scaler: row ${Math.floor(bad / columns)}, column
          ${bad % columns} is ${x.data[bad]}`,
        );
      }
      const fits = Array.from(
        { length: columns },
        (_, k) => fitColumn(Float64Array.from({ length: rows }, (_, i) => x.data[i * columns + k]!)),
      );
      means = fits.map(({ mean }) => mean);
      deviations = fits.map(({ deviation }) => deviation);
      return scaler;
    },
    transform: (x) => map(x, (value, mean, deviation) => (value - mean) / deviation),
    inverseTransform: (x) => map(x, (value, mean, deviation) => value * deviation + mean),
    fitTransform: (x) => scaler.fit(x).transform(x),
  };
  return scaler;
}

function fitColumn(column: Float64Array): { mean: number; deviation: number } {
  // Rounding would leave a constant column a tiny deviation to be divided by.
  if (column.every((value) => value === column[0])) return { mean: column[0]!, deviation: 1 };
  const mean = column.reduce((a, b) => a + b, 0) / column.length;
  const sum = column.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(sum / column.length) || 1 };
}

function checkColumns(x: NdArray, columns: number): void {
  if (x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(
      message`Cannot scale an array of shape ${x.shape}: expected [rows,
      ${columns || "columns"}]`,
    );
  }
}
