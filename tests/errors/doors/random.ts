/** Good arguments for random numbers. */
import * as r from "../../../src/random/mod.ts";
import { probe, type Probes, probesOf } from "./probe.ts";

type Call = (...args: never[]) => unknown;

/** By name. */
export const random: Probes = {
  key: probe(r.key as Call, () => [3]),
  split: probe(r.split as Call, () => [r.key(1), 3]),
  foldIn: probe(r.foldIn as Call, () => [r.key(1), 3]),
  bernoulli: probe(r.bernoulli as Call, () => [r.key(1), [2, 3], { probability: 0.5, dtype: "float32" }]),
  ...probesOf(
    { normal: r.normal as Call, truncatedNormal: r.truncatedNormal as Call },
    () => [r.key(1), [2, 3], { mean: 1, standardDeviation: 2, dtype: "float32" }],
  ),
  uniform: probe(r.uniform as Call, () => [r.key(1), [2, 3], { low: 1, high: 2, dtype: "float32" }]),
  randint: probe(r.randint as Call, () => [r.key(1), [2, 3], { low: 1, high: 5, dtype: "float32" }]),
  permutation: probe(r.permutation as Call, () => [r.key(1), 4]),
  shuffle: probe(r.shuffle as Call, () => [r.key(1), [1, 2, 3]]),
  dropout: probe(r.dropout as Call, () => [r.key(1), [1, 2, 3], 0.5]),
};
