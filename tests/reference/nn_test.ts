import {
  batchNorm,
  batchNormTraining,
  dropoutWithMask,
  embedding,
  instanceNorm,
  layerNorm,
  normalizeL2,
  oneHot,
  prelu,
  rmsNorm,
  softmax,
  softmin,
} from "../../mod.ts";
import fixture from "../fixtures/pytorch/nn.json" with { type: "json" };
import { testCases } from "./pytorch.ts";

testCases(fixture, {
  softmax: ([x], { axis }) => softmax(x!, { axis }),
  softmin: ([x], { axis }) => softmin(x!, { axis }),
  prelu: ([x, slope]) => prelu(x!, slope!.reshape([3, 1])),
  layerNorm: ([x, scale, offset], { eps }) => layerNorm(x!, { axis: [1, 2], scale, offset, epsilon: eps }),
  rmsNorm: ([x, scale], { eps }) => rmsNorm(x!, { scale, epsilon: eps }),
  batchNormTrain: ([x, scale, offset], { eps, channel_axis }) =>
    batchNormTraining(x!, { axis: channel_axis, scale, offset, epsilon: eps }).output,
  batchNormEval: ([x, scale, offset, mean, variance], { eps }) =>
    batchNorm(x!, mean!, variance!, { scale, offset, epsilon: eps }),
  instanceNorm: ([x], { eps }) =>
    instanceNorm(x!.transpose([0, 2, 1]), { epsilon: eps }).transpose([0, 2, 1]),
  embedding: ([indices, table]) => embedding(indices!, table!),
  normalizeL2: ([x], { axis, eps }) => normalizeL2(x!, { axis, epsilon: eps }),
  oneHot: ([indices], { classes }) => oneHot(indices!, classes),
  dropoutWithMask: ([x, mask], { p }) => dropoutWithMask(x!, mask!, p),
});
