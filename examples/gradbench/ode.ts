// A step is a dozen operations on vectors, the same for all steps: scan() records and compiles it once, and keeps
// nothing but the states for the way back.
import { concat, constant, grad, scan, type Variable, zeros } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** The state at time 2, after `steps` steps of the classical fourth-order Runge-Kutta method. */
function solve(x: Variable, steps: number): Variable {
  const h = 2 / steps;
  const first = x.slice(0, 1);
  const rest = x.slice(1);
  const slope = (y: Variable): Variable => concat([first, rest.mul(y.slice(0, rest.size))]);
  const step = (y: Variable): readonly [Variable, readonly []] => {
    const k1 = slope(y);
    const k2 = slope(y.add(k1.mul(h / 2)));
    const k3 = slope(y.add(k2.mul(h / 2)));
    const k4 = slope(y.add(k3.mul(h)));
    return [y.add(k1.add(k2.mul(2)).add(k3.mul(2)).add(k4).mul(h / 6)), []];
  };
  return scan(step, zeros(x.shape), zeros([steps]))[0];
}

function read(input: unknown): { x: Float64Array; s: number } {
  const fields = new Input(input);
  const x = fields.vector("x");
  if (x.length === 0) throw new TypeError("Cannot read x: it is empty, pass at least one number");
  return { x, s: fields.integer("s", 1) };
}

export const ode: Evaluation = {
  primal: (input) => {
    const { x, s } = read(input);
    return () => solve(constant(x), s).toArray();
  },
  gradient: (input) => {
    const { x, s } = read(input);
    const last = (y: Variable): Variable => solve(y, s).slice(x.length - 1).sum();
    return () => grad(last)(x);
  },
};
