import fixture from "../fixtures/pytorch/reduce.json" with { type: "json" };
import {
  argMin,
  cumMax,
  cumProd,
  cumSum,
  logSumExp,
  max,
  mean,
  min,
  norm,
  prod,
  softmax,
  standardDeviation,
  sum,
  variance,
} from "../../mod.ts";
import { type Run, testCases } from "./pytorch.ts";

interface Attributes {
  readonly axis: number | number[] | null;
  readonly keepdims?: boolean;
  readonly ddof?: number;
  readonly ord?: number | string;
}

/** The options of this library. */
function read({ axis, keepdims = false }: Attributes): { axis?: number | number[]; keepDims: boolean } {
  return axis === null ? { keepDims: keepdims } : { axis, keepDims: keepdims };
}

const reduceBy = (f: typeof sum): Run => ([x], attributes) => f(x!, read(attributes));

testCases(fixture, {
  sum: reduceBy(sum),
  mean: reduceBy(mean),
  prod: reduceBy(prod),
  max: reduceBy(max),
  min: reduceBy(min),
  logSumExp: reduceBy(logSumExp),
  var: ([x], attributes) => variance(x!, { ...read(attributes), correction: attributes.ddof }),
  std: ([x], attributes) => standardDeviation(x!, { ...read(attributes), correction: attributes.ddof }),
  vectorNorm: ([x], attributes) => norm(x!, { ...read(attributes), ord: Number(attributes.ord) }),
  cumsum: ([x], { axis }) => cumSum(x!, { axis }),
  cumprod: ([x], { axis }) => cumProd(x!, { axis }),
  cummax: ([x], { axis }) => cumMax(x!, { axis }),
  argmin: ([x], { axis }) => argMin(x!, { axis }),
  softmax: ([x], { axis }) => softmax(x!, { axis }),
});
