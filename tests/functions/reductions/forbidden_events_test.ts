import { assertAlmostEquals } from "@std/assert";
import { compile, constant, grad, logAddExp, logSumExp, type Variable, vmap } from "../../../mod.ts";

/** Log-likelihood of a left-to-right hidden Markov model whose forbidden transitions have log probability `no`. */
function forward(no: number, sum: (x: Variable) => Variable): (means: Variable) => Variable {
  return (means) => {
    const dtype = means.dtype;
    const matrix = [[Math.log(0.9), Math.log(0.1), no], [no, Math.log(0.9), Math.log(0.1)], [no, no, 0]];
    const steps = constant(matrix).cast(dtype);
    const emit = (o: number) => means.sub(o).square().mul(-2);
    let alpha = constant([0, no, no]).cast(dtype).add(emit(0));
    for (const o of [0, 1, 1, 2, 2]) alpha = sum(alpha.reshape([3, 1]).add(steps)).add(emit(o));
    return logSumExp(alpha);
  };
}

/** logSumExp over three rows by two sums of two. */
function chained(x: Variable): Variable {
  const [a, b, c] = [0, 1, 2].map((i) => x.slice([i, 0], [1, 3]).reshape([3])) as [
    Variable,
    Variable,
    Variable,
  ];
  return logAddExp(logAddExp(a, b), c);
}

const SUMS = { logSumExp: (x: Variable) => logSumExp(x, { axis: 0 }), logAddExp: chained };
const MEANS = [0.1, 1.1, 2.1];

for (const [name, sum] of Object.entries(SUMS)) {
  // -1e30 for -Infinity: never NaN, and the same to the last digit.
  const finite = grad(forward(-1e30, sum))(MEANS);
  const f = forward(-Infinity, sum);
  const close = (found: ArrayLike<number>, tolerance: number) =>
    finite.forEach((e, i) => assertAlmostEquals(found[i]!, e, tolerance));

  Deno.test(`${name}: a Markov model with forbidden transitions has the gradient of one with very unlikely ones`, () => {
    close(grad(f)(MEANS), 1e-12);
    close(grad(f)(Float32Array.from(MEANS)), 1e-5);
    close(compile(grad(f))(MEANS), 1e-12);
    close(compile(grad(f))(Float32Array.from(MEANS)), 1e-5);
    close(vmap(grad(f))([MEANS, MEANS]).data.slice(3), 1e-12);
  });

  Deno.test(`${name}: so it has in second derivatives`, () => {
    const second = (no: number) =>
      grad((m: Variable) => grad(forward(no, sum))(m).mul([1, -2, 3]).sum())(MEANS);
    second(-1e30).forEach((e, i) => assertAlmostEquals(second(-Infinity)[i]!, e, 1e-11));
  });
}
