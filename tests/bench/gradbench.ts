/**
 * Every eval of GradBench at two sizes: medians of the objective in plain JavaScript, of the objective and of the
 * derivative in Tapegrad, and what the derivative costs in objectives.
 *
 * Run: `deno task bench:gradbench`, with names of evals as arguments for some of them only.
 */
import { ba } from "../../examples/gradbench/ba.ts";
import { det } from "../../examples/gradbench/det.ts";
import type { Evaluation } from "../../examples/gradbench/evaluation.ts";
import { gmm } from "../../examples/gradbench/gmm.ts";
import { ht } from "../../examples/gradbench/ht.ts";
import { kmeans } from "../../examples/gradbench/kmeans.ts";
import { llsq } from "../../examples/gradbench/llsq.ts";
import { lse } from "../../examples/gradbench/lse.ts";
import { lstm } from "../../examples/gradbench/lstm.ts";
import { ode } from "../../examples/gradbench/ode.ts";
import { particle } from "../../examples/gradbench/particle.ts";
import { saddle } from "../../examples/gradbench/saddle.ts";
import * as inputs from "../examples/gradbench/inputs.ts";
import * as plain from "../examples/gradbench/plain.ts";

interface Case {
  readonly name: string;
  readonly input: unknown;
  /** The objective in plain JavaScript. */
  readonly plain: () => unknown;
  readonly evaluation: Evaluation;
  readonly objective: string;
  readonly derivatives: readonly string[];
}

/** Cases of one eval, one for each size. */
function cases<S extends object, I>(
  name: string,
  sizes: readonly S[],
  make: (size: S, draw: () => number) => I,
  objective: (input: I) => () => unknown,
  evaluation: Evaluation,
  [primal, ...derivatives]: readonly [string, ...string[]],
): Case[] {
  return sizes.map((size) => {
    const input = make(size, inputs.uniform(1));
    const label = Object.entries(size).map(([key, value]) => `${key}=${value}`).join(" ");
    return {
      name: `${name} ${label}`,
      input,
      plain: objective(input),
      evaluation,
      objective: primal,
      derivatives,
    };
  });
}

const hand = ({ v, c }: { v: number; c: number }, draw: () => number) =>
  inputs.htInput({ v, c, hasUs: true }, draw);
const MODES = ["ff", "fr", "rf", "rr"] as const;

const all: readonly Case[] = [
  ...cases("llsq", [{ n: 256, m: 128 }, { n: 1024, m: 128 }], inputs.llsqInput, plain.llsq, llsq, [
    "primal",
    "gradient",
  ]),
  ...cases("lse", [{ n: 2500 }, { n: 40000 }], inputs.lseInput, plain.lse, lse, ["primal", "gradient"]),
  ...cases("gmm", [{ d: 2, k: 5, n: 1000 }, { d: 10, k: 5, n: 1000 }], inputs.gmmInput, plain.gmm, gmm, [
    "objective",
    "jacobian",
  ]),
  ...cases(
    "kmeans",
    [{ k: 10, n: 1000, d: 8 }, { k: 100, n: 1000, d: 8 }],
    inputs.kmeansInput,
    plain.kmeans,
    kmeans,
    [
      "cost",
      "dir",
    ],
  ),
  ...cases("ba", [{ n: 4, m: 100, p: 1000 }, { n: 49, m: 7776, p: 31843 }], inputs.baInput, plain.ba, ba, [
    "objective",
    "jacobian",
  ]),
  ...cases("lstm", [{ l: 2, c: 128, b: 14 }, { l: 2, c: 1024, b: 14 }], inputs.lstmInput, plain.lstm, lstm, [
    "objective",
    "jacobian",
  ]),
  ...cases("ht", [{ v: 544, c: 100 }, { v: 10000, c: 1000 }], hand, plain.ht, ht, ["objective", "jacobian"]),
  ...cases("ode", [{ n: 1000, s: 10 }, { n: 1000, s: 100 }], inputs.odeInput, plain.ode, ode, [
    "primal",
    "gradient",
  ]),
  ...cases("det", [{ ell: 5 }, { ell: 7 }], inputs.detInput, plain.det, det, ["primal", "gradient"]),
  ...cases("particle", [{}], () => ({ w: 0 }), plain.particle, particle, [MODES[0], ...MODES]),
  ...cases("saddle", [{}], () => ({ start: [1, 1] }), plain.saddle, saddle, [MODES[0], ...MODES]),
];

/** The median time of a run, in milliseconds, of those of one second or at least three. */
function median(run: () => unknown, seconds = 1): number {
  const times: number[] = [];
  for (let total = 0; times.length < 3 || total < 1000 * seconds;) {
    const start = performance.now();
    run();
    const time = performance.now() - start;
    times.push(time);
    total += time;
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1]!;
}

if (import.meta.main) {
  const chosen = all.filter(({ name }) =>
    Deno.args.length === 0 || Deno.args.some((word) => name.startsWith(word))
  );
  const format = (ms: number): string => ms.toPrecision(3).padStart(9);
  console.log("ms".padEnd(32), "    plain", "objective", "derivative", "ratio", "to plain");
  for (const { name, input, plain, evaluation, objective, derivatives } of chosen) {
    const baseline = median(plain);
    const own = median(evaluation[objective]!(input));
    for (const derivative of derivatives) {
      const time = median(evaluation[derivative]!(input));
      const label = `${name}${derivatives.length > 1 ? ` ${derivative}` : ""}`;
      console.log(
        label.padEnd(32),
        format(baseline),
        format(own),
        format(time),
        (time / own).toFixed(1).padStart(6),
        (time / baseline).toFixed(1).padStart(8),
      );
    }
  }
}
