// The table of primitives: every export of the files of themes is one, under its name. Everything that handles
// "all primitives" reads this list.
export * from "./elementwise/activations.ts";
export * from "./elementwise/arithmetic.ts";
export * from "./elementwise/comparison.ts";
export * from "./elementwise/powers.ts";
export * from "./elementwise/special_functions.ts";
export * from "./elementwise/trigonometry.ts";
export * from "./given_rules.ts";
export * from "./indexing/blocks.ts";
export * from "./indexing/elements.ts";
export * from "./indexing/sorting.ts";
export * from "./linear_algebra/decompositions.ts";
export * from "./linear_algebra/determinants.ts";
export * from "./linear_algebra/equations.ts";
export * from "./linear_algebra/products.ts";
export * from "./neural/convolutions.ts";
export * from "./neural/normalization.ts";
export * from "./random.ts";
export * from "./reductions/accumulations.ts";
export * from "./reductions/extremes.ts";
export * from "./reductions/totals.ts";
export * from "./shapes.ts";
