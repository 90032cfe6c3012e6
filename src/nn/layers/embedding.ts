import { message } from "../../_internal/message.ts";
import { embedding as lookUp } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { noteMask } from "../core/notes.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { readLayerOptions } from "./_options.ts";
import { readWeight } from "./core.ts";

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
  /** Whether 0 is padding, which layers and losses that know masks leave out; false by default. */
  readonly maskZero?: boolean;
}

/**
 * Rows of a table that is learnt, `[inputDim, outputDim]`: integers `[batch, length]` become
 * `[batch, length, outputDim]`.
 *
 * @param options The size of the table, its initializer, and whether 0 is padding
 * @throws {RangeError} If a dimension is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { embedding, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(embedding({ inputDim: 10, outputDim: 4 }).apply(input({ shape: [3] })).shape); // [3, 4]
 * ```
 */
export const embedding: LayerFactory<EmbeddingOptions> = defineLayer(
  "embedding",
  (options: EmbeddingOptions) => {
    const read = readLayerOptions("embedding", options, {
      inputDim: undefined,
      outputDim: undefined,
      embeddingsInitializer: "randomUniform",
      embeddingsRegularizer: undefined,
      embeddingsConstraint: undefined,
      maskZero: false,
    });
    const { inputDim, outputDim } = read;
    if (![inputDim, outputDim].every((n) => Number.isInteger(n) && n >= 1)) {
      throw new RangeError(
        message`Cannot make an embedding layer: its table is ${[
          inputDim,
          outputDim,
        ]}, use integers from 1 up`,
      );
    }
    const table = readWeight(
      read.embeddingsInitializer,
      read.embeddingsRegularizer,
      read.embeddingsConstraint,
    );
    return (x: Variable, c: Context) => {
      const rows = lookUp(x, table(c, "embeddings", [inputDim, outputDim]));
      return read.maskZero ? noteMask(rows, x.ne(0)) : rows;
    };
  },
);
