/**
 * Derivatives by the tape: what is recorded, how the chain rule walks it backwards, and why the numbers can be
 * trusted. `deno task example:derivatives`
 */
import { grad, hessian, jacobian, stack, tape, unstack, type Variable, variable } from "../mod.ts";
import { readFlags } from "./_command_line.ts";

readFlags(
  `Derives a function of two numbers by the tape, and checks the result.

Usage: deno task example:derivatives [--help]`,
  [],
);

// 1. A function is plain code. Every operation computes its value at once, and appends a row to the tape.
//    f(x, y) = x y + sin x
const x = variable(2, { name: "x" });
const y = variable(3, { name: "y" });
const f = x.mul(y).add(x.sin());

// 2. The walk. It starts at the last row with df/df = 1 and goes up the rows. Each row hands its adjoint, the derivative
//    of f by that row, on to its operands, times the derivative of its own operation. What is used twice, as x is here,
//    adds up what it is handed: 3 from the product, and cos 2 = -0.416 from the sine.
f.backward({ retainTape: true });
console.log("f(x, y) = x y + sin x at x = 2, y = 3:\n");
console.log(tape.toString());
console.log(`\ndf/dx = y + cos x = ${x.grad!.item().toFixed(6)}`);
console.log(`df/dy = x         = ${y.grad!.item().toFixed(6)}`);
tape.clear();

// 3. The same without a Variable in sight: grad(f) is a function again, and so can be derived again.
const wave = (t: Variable): Variable => t.sin().mul(t.neg().exp());
console.log(`\ng(t) = sin(t) exp(-t) at t = 1:`);
console.log(
  `g'  = ${grad(wave)(1).toFixed(6)}   (cos 1 - sin 1) / e = ${
    ((Math.cos(1) - Math.sin(1)) / Math.E).toFixed(6)
  }`,
);
console.log(
  `g'' = ${grad(grad(wave))(1).toFixed(6)}   -2 cos 1 / e = ${(-2 * Math.cos(1) / Math.E).toFixed(6)}`,
);

// 4. Of many numbers: the gradient has the form of the argument, the Jacobian a row for each output, the Hessian all
//    second derivatives.
const bowl = (v: Variable): Variable => v.square().sum().add(v.prod()); // v: [3] -> a number
console.log(`\nh(v) = v·v + v1 v2 v3 at v = [1, 2, 3]:`);
console.log("gradient", grad(bowl)([1, 2, 3])); // 2 v + [v2 v3, v1 v3, v1 v2] = [8, 7, 8]
console.log("Hessian ", JSON.stringify(hessian(bowl)([1, 2, 3]).value));
const polar = (v: Variable): Variable => {
  const [r, a] = unstack(v) as [Variable, Variable];
  return stack([r.mul(a.cos()), r.mul(a.sin())]);
};
console.log("Jacobian of (r cos a, r sin a) at (2, 0)", JSON.stringify(jacobian(polar)([2, 0]).value));

// 5. Trust, but verify: a derivative is a limit, and near enough to it a difference quotient agrees.
let worst = 0;
for (let t = -2; t <= 2; t += 0.25) {
  const h = 1e-5;
  const at = (s: number): number => Math.sin(s) * Math.exp(-s);
  worst = Math.max(worst, Math.abs(grad(wave)(t) - (at(t + h) - at(t - h)) / (2 * h)));
}
console.log(`\nLargest difference from central differences at 17 points: ${worst.toExponential(1)}`);
