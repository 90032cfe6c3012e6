import { message } from "../../_internal/message.ts";
import { isList } from "../../_internal/readers/mod.ts";
import { pad, repeat, resizeBilinear } from "../../functions/mod.ts";
import type { Pair, Variable } from "../../variable/mod.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { endMask } from "../core/notes.ts";
import { cannotMake, checkRank, readCount, readCounts, readLayerOptions, readName } from "./_options.ts";

/** How many elements at both ends of an axis: one number for both. */
export type Ends = number | readonly [before: number, after: number];

/** How many rows and columns: one number for all sides, one for each axis, or one for each side. */
export type Sides = number | readonly [height: Ends, width: Ends];

/** Options of {@linkcode zeroPadding1d}. */
export interface ZeroPadding1dOptions extends LayerOptions {
  /** Steps of zeros before and after; 1 by default. */
  readonly padding?: Ends;
}

/**
 * Zeros before and after sequences `[batch, steps, channels]`.
 *
 * @param options How many steps
 * @throws {RangeError} If a number is no integer from 0 up
 *
 * @example
 * ```ts
 * import { input, zeroPadding1d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(zeroPadding1d({ padding: [2, 0] }).apply(input({ shape: [5, 3] })).shape); // [7, 3]
 * ```
 */
export const zeroPadding1d: LayerFactory<ZeroPadding1dOptions> = defineOneInputLayer(
  "zeroPadding1d",
  (options: ZeroPadding1dOptions) => {
    const { padding } = readLayerOptions("zeroPadding1d", options, { padding: 1 });
    const ends = readEnds("zeroPadding1d", "padding", padding);
    return (x: Variable) => {
      checkRank("zeroPadding1d", x.shape, 3, "[steps, channels]");
      return endMask(x, pad(x, [[0, 0], ends, [0, 0]]));
    };
  },
);

/** Options of {@linkcode zeroPadding2d}. */
export interface ZeroPadding2dOptions extends LayerOptions {
  /** Rows and columns of zeros; 1 on all sides by default. */
  readonly padding?: Sides;
}

/**
 * Zeros around images `[batch, height, width, channels]`.
 *
 * @param options How many rows and columns
 * @throws {RangeError} If a number is no integer from 0 up
 *
 * @example
 * ```ts
 * import { input, zeroPadding2d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(zeroPadding2d({ padding: [[0, 1], 2] }).apply(input({ shape: [5, 5, 3] })).shape); // [6, 9, 3]
 * ```
 */
export const zeroPadding2d: LayerFactory<ZeroPadding2dOptions> = defineOneInputLayer(
  "zeroPadding2d",
  (options: ZeroPadding2dOptions) => {
    const { padding } = readLayerOptions("zeroPadding2d", options, { padding: 1 });
    const [rows, columns] = readSides("zeroPadding2d", "padding", padding);
    return (x: Variable) => {
      checkRank("zeroPadding2d", x.shape, 4, "[height, width, channels]");
      return endMask(x, pad(x, [[0, 0], rows, columns, [0, 0]]));
    };
  },
);

/** Options of {@linkcode cropping2d}. */
export interface Cropping2dOptions extends LayerOptions {
  /** Rows and columns that are cut off; none by default. */
  readonly cropping?: Sides;
}

/**
 * Cuts rows and columns off images `[batch, height, width, channels]`.
 *
 * @param options How many rows and columns
 * @throws {RangeError} If a number is no integer from 0 up
 *
 * @example
 * ```ts
 * import { cropping2d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(cropping2d({ cropping: [1, [0, 2]] }).apply(input({ shape: [5, 5, 3] })).shape); // [3, 3, 3]
 * ```
 */
export const cropping2d: LayerFactory<Cropping2dOptions> = defineOneInputLayer(
  "cropping2d",
  (options: Cropping2dOptions) => {
    const { cropping } = readLayerOptions("cropping2d", options, { cropping: 0 });
    const [[top, bottom], [left, right]] = readSides("cropping2d", "cropping", cropping);
    return (x: Variable) => {
      checkRank("cropping2d", x.shape, 4, "[height, width, channels]");
      const [batch = 1, height = 0, width = 0, channels = 0] = x.shape;
      const [rows, columns] = [height - top - bottom, width - left - right];
      if (rows < 1 || columns < 1) {
        throw new TypeError(
          message`Cannot apply a cropping2d layer to examples of shape ${
            x.shape.slice(1)
          }: nothing is left, cut off
          less`,
        );
      }
      return endMask(x, x.slice([0, top, left, 0], [batch, rows, columns, channels]));
    };
  },
);

/** Options of {@linkcode upSampling1d}. */
export interface UpSampling1dOptions extends LayerOptions {
  /** How often each step is repeated; 2 by default. */
  readonly size?: number;
}

/**
 * Repeats each step of sequences `[batch, steps, channels]`.
 *
 * @param options How often
 * @throws {RangeError} If size is no integer from 1 up
 *
 * @example
 * ```ts
 * import { input, upSampling1d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(upSampling1d({ size: 3 }).apply(input({ shape: [5, 3] })).shape); // [15, 3]
 * ```
 */
export const upSampling1d: LayerFactory<UpSampling1dOptions> = defineOneInputLayer(
  "upSampling1d",
  (options: UpSampling1dOptions) => {
    const read = readLayerOptions("upSampling1d", options, { size: 2 });
    const size = readCount("upSampling1d", "size", read.size);
    return (x: Variable) => {
      checkRank("upSampling1d", x.shape, 3, "[steps, channels]");
      return endMask(x, repeat(x, size, { axis: 1 }));
    };
  },
);

/** Options of {@linkcode upSampling2d}. */
export interface UpSampling2dOptions extends LayerOptions {
  /** Factors of height and width; 2 by default. */
  readonly size?: Pair;
  /** `"nearest"` (pixels are repeated, the default) or `"bilinear"`. */
  readonly interpolation?: "nearest" | "bilinear";
}

/**
 * Enlarges images `[batch, height, width, channels]`.
 *
 * @param options How much, and how pixels between are found
 * @throws {RangeError} If a factor is no integer from 1 up
 *
 * @example
 * ```ts
 * import { input, upSampling2d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(upSampling2d({ size: [2, 3] }).apply(input({ shape: [5, 5, 3] })).shape); // [10, 15, 3]
 * ```
 */
export const upSampling2d: LayerFactory<UpSampling2dOptions> = defineOneInputLayer(
  "upSampling2d",
  (options: UpSampling2dOptions) => {
    const read = readLayerOptions("upSampling2d", options, { size: 2, interpolation: "nearest" });
    const [rows, columns] = readCounts("upSampling2d", "size", read.size);
    const how = readName("upSampling2d", "interpolation", read.interpolation, ["nearest", "bilinear"]);
    return (x: Variable) => {
      checkRank("upSampling2d", x.shape, 4, "[height, width, channels]");
      const [, height = 0, width = 0] = x.shape;
      const larger = how === "bilinear"
        ? resizeBilinear(x, [height * rows, width * columns])
        : repeat(repeat(x, rows, { axis: 1 }), columns, { axis: 2 });
      return endMask(x, larger);
    };
  },
);

function readEnds(kind: string, name: string, value: Ends): [number, number] {
  return readCounts(kind, name, value, 0);
}

function readSides(kind: string, name: string, value: Sides): [[number, number], [number, number]] {
  if (!isList(value)) return [readEnds(kind, name, value), readEnds(kind, name, value)];
  const [rows, columns] = value;
  if (value.length === 2) return [readEnds(kind, name, rows), readEnds(kind, name, columns)];
  throw cannotMake(
    kind,
    message`${name} has ${value.length} entries, use one number, [height, width] or
    [[top, bottom], [left, right]]`,
  );
}
