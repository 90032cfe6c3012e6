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
  mse: ([p, y], { reduction }) => meanSquaredError(p!, y!, { reduction }),
  huber: ([p, y], { reduction, delta }) => huber(p!, y!, { reduction, delta }),
  bce: ([p, y], { reduction }) => binaryCrossEntropy(p!, y!, { reduction }),
  crossEntropy: ([z, y, weights], { reduction, label_smoothing }) =>
    sparseCategoricalCrossEntropy(z!, y!, {
      reduction,
      labelSmoothing: label_smoothing,
      ...weights === undefined ? {} : { classWeights: weights },
    }),
  crossEntropyProbs: ([z, y], { reduction }) => categoricalCrossEntropy(z!, y!, { reduction }),
  poissonNLL: ([z, y], { reduction, log_input }) => poissonNLL(z!, y!, { reduction, logInput: log_input }),
  hingeSVM: ([z, y], { reduction }) => hinge(z!, y!, { reduction }),
  klDiv: ([logP, y]) => klDivergence(logP!, y!),
  bceWithLogits: ([z, y, positive]) =>
    y!.mul(positive!).mul(softplus(z!.neg())).add(y!.neg().add(1).mul(softplus(z!))).mean(),
  cosineEmbedding: ([x, y, labels], { margin }) => cosineEmbeddingLoss(x!, y!, labels!, { margin }),
  crossEntropy2d: ([z, y], { class_axis }) => sparseCategoricalCrossEntropy(z!, y!, { axis: class_axis }),
});
