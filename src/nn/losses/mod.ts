/** Losses, each of which enters the registry when its file is loaded. */
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  type CrossentropyOptions,
  sparseCategoricalCrossentropy,
  type SparseCrossentropyOptions,
} from "./cross_entropies.ts";
export {
  defineLoss,
  type LabelReader,
  type Loss,
  type LossFunction,
  type LossParts,
  type PartialLosses,
} from "./loss.ts";
export { meanAbsoluteError, meanSquaredError } from "./regression.ts";
