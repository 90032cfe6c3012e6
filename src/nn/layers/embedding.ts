import { message } from "../../_internal/message.ts";
import { readNumber } from "../../_internal/readers/mod.ts";
import { embedding as lookUp } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { noteMask } from "../core/notes.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { checkRank, readCount, readLayerOptions } from "./_options.ts";
import { readActivity, readWeight } from "./_weights.ts";

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** The number of different inputs, which are integers from 0 to `inputDim - 1`. */
  readonly inputDim: number;
  /** The number of features of each. */
  readonly outputDim: number;
  /** `"randomUniform"` by default. */
  readonly embeddingsInitializer?: InitializerArgument;
  /** Added to the loss for the table. */
  readonly embeddingsRegularizer?: RegularizerArgument;
  /** Applied to the table after each update. */
  readonly embeddingsConstraint?: ConstraintArgument;
  /** Added to the loss for the result. */
  readonly activityRegularizer?: RegularizerArgument;
  /** Whether 0 is padding, which layers and losses that know masks leave out; false by default. */
  readonly maskZero?: boolean;
}

/** Integers up to this are exact in float32. */
const MOST_IN_FLOAT32 = 2 ** 24;

/**
 * Rows of a table that is learnt, `[inputDim, outputDim]`: integers `[batch, length]` become
 * `[batch, length, outputDim]`.
 *
 * @param options The size of the table, its initializer, and whether 0 is padding
 * @throws {RangeError} If a dimension is not an integer from 1 up, or a name is unknown
 * @throws {TypeError} Where it is applied, if the input is float32 and has too few digits for `inputDim`
 *
 * @example
 * ```ts
 * import { embedding, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(embedding({ inputDim: 10, outputDim: 4 }).apply(input({ shape: [3] })).shape); // [3, 4]
 * ```
 */
export const embedding: LayerFactory<EmbeddingOptions> = defineOneInputLayer(
  "embedding",
  (options: EmbeddingOptions) => {
    const read = readLayerOptions("embedding", options, {
      inputDim: undefined,
      outputDim: undefined,
      embeddingsInitializer: "randomUniform",
      embeddingsRegularizer: undefined,
      embeddingsConstraint: undefined,
      activityRegularizer: undefined,
      maskZero: false,
    });
    const inputDim = readCount("embedding", "inputDim", read.inputDim);
    const outputDim = readCount("embedding", "outputDim", read.outputDim);
    const table = readWeight(
      read.embeddingsInitializer,
      read.embeddingsRegularizer,
      read.embeddingsConstraint,
    );
    const regularize = readActivity(read.activityRegularizer);
    return (x: Variable, c: Context) => {
      if (x.dtype === "float32" && inputDim > MOST_IN_FLOAT32) {
        throw new TypeError(
          message`Cannot apply an embedding layer: float32 does not tell integers above ${MOST_IN_FLOAT32} apart, and
          inputDim is ${inputDim}; give the model the dtype float64`,
        );
      }
      const rows = regularize(c, lookUp(x, table(c, "embeddings", [inputDim, outputDim])));
      return read.maskZero ? noteMask(rows, x.ne(0)) : rows;
    };
  },
);

/** Options of {@linkcode masking}. */
export interface MaskingOptions extends LayerOptions {
  /** A step with nothing but this number is padding; 0 by default. */
  readonly maskValue?: number;
}

/**
 * Leaves steps of sequences `[batch, steps, features]` out that are padding: recurrent layers, attention, pooling and
 * losses pass them over.
 *
 * @param options The number that padding consists of
 * @throws {TypeError} If it is no number
 *
 * @example
 * ```ts
 * import { lstm, masking, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([masking(), lstm({ units: 4 })]).build([3, 2]);
 * const [end, start] = [[[1, 2], [0, 0], [0, 0]], [[0, 0], [0, 0], [1, 2]]].map((x) => model.predict([x]).value);
 * console.log(JSON.stringify(end) === JSON.stringify(start)); // true
 * ```
 */
export const masking: LayerFactory<MaskingOptions> = defineOneInputLayer(
  "masking",
  (options: MaskingOptions) => {
    const read = readLayerOptions("masking", options, { maskValue: 0 });
    const maskValue = readNumber("a masking layer", "maskValue", read.maskValue);
    return (x: Variable) => {
      checkRank("masking", x.shape, 3, "[steps, features]");
      const counts = x.ne(maskValue).max({ axis: -1, keepDims: true });
      return noteMask(counts.where(x, 0), counts.reshape(x.shape.slice(0, 2)));
    };
  },
);
