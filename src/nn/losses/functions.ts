import {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  hinge,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  poissonNLL,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  sparseCategoricalCrossEntropy,
} from "../../functions/mod.ts";
import type { Operand, Variable } from "../../variable/mod.ts";
// Loaded before this file, as names that they have are theirs.
import "./divergences.ts";
import { type Domain, YES_OR_NO } from "./domain.ts";
import { classNumbersExcept, counts, type LabelReader, likeOutput, probabilities } from "./labels.ts";
import { defineLoss, type Loss, losses, meanOfLast } from "./loss.ts";

/** A loss function of the package's main door. */
type CoreLoss = (labels: Operand, predictions: Operand, options: { readonly reduction: "none" }) => Variable;

interface Entry {
  readonly core: CoreLoss;
  readonly readLabels?: LabelReader;
  readonly domain?: Domain;
}

/** Those that are the loss of the same name in this room. */
const SAME: readonly (readonly [unknown, string])[] = [
  [meanSquaredError, "meanSquaredError"],
  [meanAbsoluteError, "meanAbsoluteError"],
  [huber, "huber"],
  [hinge, "hinge"],
];

/** The others; all but binaryCrossEntropy take logits or logarithms. */
const OTHERS: { readonly [name: string]: Entry } = {
  binaryCrossEntropy: {
    core: binaryCrossEntropy,
    readLabels: probabilities,
    domain: { ...YES_OR_NO, remedy: () => 'end it with activation: "sigmoid"' },
  },
  sigmoidCrossEntropy: { core: sigmoidCrossEntropy, readLabels: probabilities },
  softmaxCrossEntropy: { core: softmaxCrossEntropy, readLabels: probabilities },
  categoricalCrossEntropy: { core: categoricalCrossEntropy, readLabels: probabilities },
  sparseCategoricalCrossEntropy: {
    core: sparseCategoricalCrossEntropy,
    readLabels: classNumbersExcept(undefined),
  },
  klDivergence: { core: klDivergence, readLabels: probabilities },
  poissonNLL: { core: poissonNLL, readLabels: counts },
};

const byFunction = new Map<unknown, Loss>();

for (const [name, { core, readLabels = likeOutput, domain }] of Object.entries(OTHERS)) {
  const compute = (labels: Variable, predictions: Variable): Variable => {
    const values = core(labels, predictions, { reduction: "none" });
    return values.rank === predictions.rank ? meanOfLast(values) : values;
  };
  const parts = { compute, readLabels, ...domain === undefined ? {} : { domain } };
  // The name klDivergence means the loss of probabilities, as in Keras; the function takes logarithms.
  const loss = losses.has(name) ? undefined : defineLoss(name, () => parts)();
  byFunction.set(core, loss ?? { name, ...parts, readLabels: (y, shape) => readLabels(name, y, shape) });
}

/** The loss that a function of the main door is: one value for each example, with its labels checked. */
export function coreLoss(f: unknown): Loss | undefined {
  const same = SAME.find(([core]) => core === f);
  return same === undefined ? byFunction.get(f) : losses.make(same[1]);
}
