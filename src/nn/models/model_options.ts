import type { DType } from "../../array/dtype.ts";

/** Options of models. */
export interface ModelOptions {
  /** Part of the paths of its weights where it stands in another model; shown in messages. */
  readonly name?: string;
  /** The same seed gives the same start weights, orders and random layers; 0 by default. */
  readonly seed?: number;
  /** float32 by default. */
  readonly dtype?: DType;
  /** Whether it is trained where it stands in another model; true by default. */
  readonly trainable?: boolean;
}
