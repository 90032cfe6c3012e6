import {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  cosineEmbeddingLoss,
  hinge,
  huber,
  klDivergence,
  meanSquaredError,
  poissonNLL,
  softplus,
  sparseCategoricalCrossEntropy,
} from "../../mod.ts";
import fixture from "../fixtures/pytorch/loss.json" with { type: "json" };
import { testCases } from "./pytorch.ts";

testCases(fixture, {
  mse: ([p, y], { reduction }) => meanSquaredError(y!, p!, { reduction }),
  huber: ([p, y], { reduction, delta }) => huber(y!, p!, { reduction, delta }),
  bce: ([p, y], { reduction }) => binaryCrossEntropy(y!, p!, { reduction }),
  crossEntropy: ([z, y, weights], { reduction, label_smoothing }) =>
    sparseCategoricalCrossEntropy(y!, z!, {
      reduction,
      labelSmoothing: label_smoothing,
      ...weights === undefined ? {} : { classWeights: weights },
    }),
  crossEntropyProbs: ([z, y], { reduction }) => categoricalCrossEntropy(y!, z!, { reduction }),
  poissonNLL: ([z, y], { reduction, log_input }) => poissonNLL(y!, z!, { reduction, logInput: log_input }),
  hingeSVM: ([z, y], { reduction }) => hinge(y!, z!, { reduction }),
  klDiv: ([logP, y]) => klDivergence(y!, logP!),
  bceWithLogits: ([z, y, positive]) =>
    y!.mul(positive!).mul(softplus(z!.neg())).add(y!.neg().add(1).mul(softplus(z!))).mean(),
  cosineEmbedding: ([x, y, labels], { margin }) => cosineEmbeddingLoss(labels!, x!, y!, { margin }),
  crossEntropy2d: ([z, y], { class_axis }) => sparseCategoricalCrossEntropy(y!, z!, { axis: class_axis }),
});
