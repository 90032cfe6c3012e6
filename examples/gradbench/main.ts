/**
 * A tool for GradBench, the benchmark suite of automatic differentiation: reads messages on standard input,
 * one JSON object a line, and writes one line on standard output for each.
 *
 * Run: `deno task gradbench`
 */
import { ba } from "./ba.ts";
import { det } from "./det.ts";
import type { Evaluation } from "./evaluation.ts";
import { gmm } from "./gmm.ts";
import { hello } from "./hello.ts";
import { ht } from "./ht.ts";
import { kmeans } from "./kmeans.ts";
import { readLines, writeLine } from "./lines.ts";
import { llsq } from "./llsq.ts";
import { lse } from "./lse.ts";
import { lstm } from "./lstm.ts";
import { ode } from "./ode.ts";
import { particle } from "./particle.ts";
import { saddle } from "./saddle.ts";
import { answer } from "./session.ts";

const evals = new Map<string, Evaluation>(
  Object.entries({ ba, det, gmm, hello, ht, kmeans, llsq, lse, lstm, ode, particle, saddle }),
);

for await (const line of readLines(Deno.stdin.readable)) {
  if (line.trim() !== "") await writeLine(Deno.stdout, answer(line, evals));
}
