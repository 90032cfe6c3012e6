// One vector and a handful of operations on it, which compile() fuses into a few loops. The maximum only keeps
// exp() from overflowing: whatever it is, the result is the same, so it may be taken as a constant.
import { compile, constant, grad, stopGradient, type Variable } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

function logSumOfExp(x: Variable): Variable {
  const largest = stopGradient(x.max());
  return x.sub(largest).exp().sum().log().add(largest);
}

function read(input: unknown): Variable {
  const x = new Input(input).vector("x");
  if (x.length > 0) return constant(x);
  throw new TypeError("Cannot read x: it is empty, pass at least one number");
}

export const lse: Evaluation = {
  primal: (input) => {
    const x = read(input);
    const f = compile(logSumOfExp);
    return () => f(x).item();
  },
  gradient: (input) => {
    const x = read(input);
    const gradient = compile(grad(logSumOfExp));
    return () => gradient(x).toArray();
  },
};
