import { grad, sparseCategoricalCrossEntropy, type Variable } from "../../mod.ts";
import fixture from "../fixtures/pytorch/composite.json" with { type: "json" };
import { testCases } from "./pytorch.ts";

testCases(fixture, {
  mlpTanhSoftmaxCE: ([x, w1, b1, w2, b2, labels]) =>
    sparseCategoricalCrossEntropy(labels!, x!.matmul(w1!).add(b1!).tanh().matmul(w2!).add(b2!)),
  gradPenaltyLike: ([x, w]) => {
    const slope = grad((v: Variable) => v.matmul(w!).tanh().sum())(x!);
    return slope.square().sum({ axis: 1 });
  },
  logDomainHMMForward: ([emissions, transitions]) => {
    const steps = transitions!.logSoftmax({ axis: 1 });
    const [first, ...rest] = [...emissions!];
    return rest
      .reduce((alpha, e) => alpha.reshape([3, 1]).add(steps).logSumExp({ axis: 0 }).add(e), first!)
      .logSumExp();
  },
  // a = exp(x), b = 1 + x²: a b + sin(a) / b
  diamond: ([x]) => {
    const [a, b] = [x!.exp(), x!.square().add(1)];
    return a.mul(b).add(a.sin().div(b));
  },
  // v <- tanh(0.9 v + 0.1), 50 times
  longChain: ([x]) => Array.from({ length: 50 }).reduce((v: Variable) => v.mul(0.9).add(0.1).tanh(), x!),
});
