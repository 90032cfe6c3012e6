/**
 * Curve fitting with errors: the half-life of a radioactive sample from noisy counts, how uncertain it is, and whether
 * that uncertainty can be believed. `deno task example:curve-fit`
 */
import { constant, type Variable } from "../mod.ts";
import { leastSquares } from "../src/optim/mod.ts";
import { foldIn, key, normal } from "../src/random/mod.ts";
import { readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Fits a decay to noisy counts, with standard errors.

Usage: deno task example:curve-fit [options]
  --repeats N      how often the experiment is repeated to check the errors (default: 200)
  --help           print this`,
  ["repeats"],
);
const repeats = readCount("repeats", flags.repeats, 200);

// 1. The experiment: a count every 30 seconds for ten minutes, of a sample with a half-life of 2 minutes above a constant
//    background, with the noise of a detector.
const [start, halfLife, background, noise] = [1000, 120, 50, 15];
const times = constant(Array.from({ length: 21 }, (_, i) => 30 * i)); // [21], in seconds
const measure = (experiment: number): Variable =>
  times.mul(-Math.LN2 / halfLife).exp().mul(start).add(background)
    .add(normal(foldIn(key(1), experiment), [21], { standardDeviation: noise, dtype: "float64" }));

// 2. The fit. The residuals are what the model leaves unexplained; `leastSquares` finds the parameters with the smallest
//    sum of their squares by Levenberg-Marquardt, with derivatives by the tape. The start is a guess.
interface Decay<T> {
  readonly start: T;
  readonly halfLife: T;
  readonly background: T;
}
const fit = (counts: Variable) =>
  leastSquares(
    (p: Decay<Variable>) =>
      times.div(p.halfLife).mul(-Math.LN2).exp().mul(p.start).add(p.background).sub(counts),
    { start: 500, halfLife: 60, background: 0 },
  );
const found = fit(measure(0));
console.log(
  `${found.converged ? "converged" : "stopped"} after ${found.iterations} iterations: ${found.reason}\n`,
);
console.log("            true     fitted");
for (const [name, truth] of [["start", start], ["halfLife", halfLife], ["background", background]] as const) {
  const value = found.x[name].toFixed(1).padStart(9);
  console.log(
    `${name.padEnd(10)}${String(truth).padStart(6)}  ${value} ± ${found.standardErrors![name].toFixed(1)}`,
  );
}

// 3. The picture: o what was counted, + what the fit says.
const [counts, fitted] = [
  measure(0).data,
  Array.from(measure(0).data, (y, i) => y + found.residuals.data[i]!),
];
console.log();
for (let i = 0; i < counts.length; i++) {
  const line = Array<string>(64).fill(" ");
  line[Math.round(fitted[i]! / 18)] = "+";
  line[Math.round(counts[i]! / 18)] = "o";
  console.log(`${String(30 * i).padStart(4)} s |${line.join("").trimEnd()}`);
}

// 4. Can the errors be believed? The residuals over the noise should have a variance of 1, and the true half-life
//    should lie within one standard error in 68 of 100 experiments (in 65, by Student's distribution, as the noise is
//    estimated from 18 degrees of freedom).
const degrees = counts.length - 3;
console.log(
  `\nnoise estimated from the residuals: ${Math.sqrt(2 * found.cost / degrees).toFixed(1)} (true: ${noise})`,
);
let within = 0;
for (let i = 1; i <= repeats; i++) {
  const { x, standardErrors } = fit(measure(i));
  if (Math.abs(x.halfLife - halfLife) <= standardErrors!.halfLife) within++;
}
console.log(`within one standard error: ${(100 * within / repeats).toFixed(0)} % of ${repeats} experiments`);
