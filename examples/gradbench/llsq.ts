// The n residuals are one vector: a matrix of powers times the coefficients. The powers are constants, so they
// are plain numbers, and the derivative is one more product of that matrix and a vector. Compiled, what is done
// between the products is one loop.
import { compile, constant, grad, NdArray, type Variable } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** Half the sum of squares of `signs - powers x`. */
function objective(x: Variable, powers: Variable, signs: Variable): Variable {
  return powers.matmul(x).sub(signs).square().sum().mul(0.5);
}

/** The places `-1 + 2i/(n-1)`, their powers 0 to m-1 row after row, and their signs. */
function tabulate(n: number, m: number): [powers: Variable, signs: Variable] {
  const powers = new Float64Array(n * m);
  const signs = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const t = -1 + 2 * i / (n - 1);
    signs[i] = Math.sign(t);
    for (let j = 0, power = 1; j < m; j++, power *= t) powers[i * m + j] = power;
  }
  return [constant(new NdArray(powers, [n, m])), constant(signs)];
}

function read(input: unknown): { x: Variable; n: number } {
  const fields = new Input(input);
  return { x: constant(fields.vector("x")), n: fields.integer("n", 2) };
}

export const llsq: Evaluation = {
  primal: (input) => {
    const { x, n } = read(input);
    const f = compile(objective);
    return () => f(x, ...tabulate(n, x.size)).item();
  },
  gradient: (input) => {
    const { x, n } = read(input);
    const gradient = compile(grad(objective));
    return () => gradient(x, ...tabulate(n, x.size)).toArray();
  },
};
