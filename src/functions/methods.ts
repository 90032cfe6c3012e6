/** Makes every function of one main operand a method of Variables: its types stand in `variable/methods.ts`. */
import { Variable } from "../variable/variable.ts";
import type { VariableMethods } from "../variable/methods.ts";
import * as activations from "./elementwise/activations.ts";
import * as arithmetic from "./elementwise/arithmetic.ts";
import * as comparison from "./elementwise/comparison.ts";
import * as powers from "./elementwise/powers.ts";
import * as specialFunctions from "./elementwise/special_functions.ts";
import * as trigonometry from "./elementwise/trigonometry.ts";
import * as at from "./indexing/at.ts";
import * as selection from "./indexing/selection.ts";
import * as sorting from "./indexing/sorting.ts";
import * as decompositions from "./linear_algebra/decompositions.ts";
import * as equations from "./linear_algebra/equations.ts";
import * as products from "./linear_algebra/products.ts";
import * as convolution from "./neural/convolution.ts";
import * as crossEntropy from "./neural/cross_entropy.ts";
import * as losses from "./neural/losses.ts";
import * as normalization from "./neural/normalization.ts";
import * as pooling from "./neural/pooling.ts";
import * as resampling from "./neural/resampling.ts";
import * as accumulations from "./reductions/accumulations.ts";
import * as extremes from "./reductions/extremes.ts";
import * as statistics from "./reductions/statistics.ts";
import * as totals from "./reductions/totals.ts";
import * as making from "./shapes/making.ts";
import * as joining from "./shapes/joining.ts";
import * as reshaping from "./shapes/reshaping.ts";

/** The functions that methods stand for: the Variable comes first. */
type Functions = {
  readonly [name in keyof VariableMethods]: (
    x: Variable,
    ...rest: Parameters<VariableMethods[name]>
  ) => ReturnType<VariableMethods[name]>;
};

const modules = {
  ...activations,
  ...arithmetic,
  ...comparison,
  ...powers,
  ...specialFunctions,
  ...trigonometry,
  ...at,
  ...selection,
  ...sorting,
  ...decompositions,
  ...equations,
  ...products,
  ...convolution,
  ...crossEntropy,
  ...losses,
  ...normalization,
  ...pooling,
  ...resampling,
  ...accumulations,
  ...extremes,
  ...statistics,
  ...totals,
  ...joining,
  ...making,
  ...reshaping,
};

/** Functions in these files that are no methods: they make arrays, join lists, or compare labels with predictions. */
const NO_METHODS: Readonly<Record<Exclude<keyof typeof modules, keyof VariableMethods>, true>> = {
  arange: true,
  binaryCrossEntropy: true,
  categoricalCrossEntropy: true,
  concat: true,
  cosineEmbeddingLoss: true,
  eye: true,
  full: true,
  hinge: true,
  huber: true,
  klDivergence: true,
  linspace: true,
  meanAbsoluteError: true,
  meanSquaredError: true,
  meshgrid: true,
  ones: true,
  poissonNLL: true,
  sparseCategoricalCrossEntropy: true,
  stack: true,
  zeros: true,
};

const functions: Functions = {
  ...modules,
  polygamma: (x, order) => modules.polygamma(order, x),
  sigmoidCrossEntropy: (logits, labels, options) => modules.sigmoidCrossEntropy(labels, logits, options),
  softmaxCrossEntropy: (logits, labels, options) => modules.softmaxCrossEntropy(labels, logits, options),
};

function attach(name: string, f: (x: Variable, ...rest: readonly unknown[]) => unknown): void {
  const method = {
    [name](this: Variable, ...rest: unknown[]): unknown {
      // Most calls have one operand beside the Variable, or none: engines call faster without a list.
      if (rest.length === 1) return f(this, rest[0]);
      return rest.length === 0 ? f(this) : f(this, ...rest);
    },
  }[name];
  Object.defineProperty(Variable.prototype, name, { value: method, writable: true, configurable: true });
}

for (const [name, f] of Object.entries(functions)) {
  if (!(name in NO_METHODS)) attach(name, f as (x: Variable, ...rest: readonly unknown[]) => unknown);
}
