/** Losses, each of which enters the registry when its file is loaded. */
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  type CrossentropyOptions,
  sparseCategoricalCrossentropy,
  type SparseCrossentropyOptions,
} from "./cross_entropies.ts";
export { klDivergence, poisson } from "./divergences.ts";
export type { Domain } from "./domain.ts";
export {
  binaryFocalCrossentropy,
  type BinaryFocalOptions,
  categoricalFocalCrossentropy,
  type FocalOptions,
} from "./focal.ts";
export { categoricalHinge, hinge, squaredHinge } from "./hinges.ts";
export {
  defineLoss,
  type LabelReader,
  type Loss,
  type LossFunction,
  type LossParts,
  type PartialLosses,
} from "./loss.ts";
export {
  cosineSimilarity,
  huber,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  type NoOptions,
} from "./regression.ts";
