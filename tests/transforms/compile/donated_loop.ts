/** A loop of donated steps in one task, as README's: run by a test in a process with a small heap. */
import { memoryInUse } from "../../../src/compiler/wasm/linear_memory.ts";
import { compile, constant, NdArray, valueAndGrad, type Variable } from "../../../mod.ts";

type Parameters = { readonly w: Variable; readonly b: Variable };

const steps = Number(Deno.args[0]);
const array = (shape: number[], ...data: number[]): Variable =>
  constant(new NdArray(new Float32Array(data), shape));
const loss = (p: Parameters, x: Variable, y: Variable): Variable =>
  x.matmul(p.w).add(p.b).sub(y).square().mean();
const step = compile((p: Parameters, x: Variable, y: Variable) => {
  const [value, g] = valueAndGrad((p: Parameters) => loss(p, x, y))(p);
  return [{ w: p.w.sub(g.w.mul(0.1)), b: p.b.sub(g.b.mul(0.1)) }, value] as const;
}, { donate: [0] });

const [x, y] = [array([2, 1], 1, 2), array([2, 1], 3, 5)];
let p: Parameters = { w: array([1, 1], 0), b: array([1], 0) };
let value: Variable | undefined;
let inside = 0;
for (let i = 0; i < steps; i++) {
  [p, value] = step(p, x, y);
  if (i === 1000) inside = memoryInUse();
}
console.log(JSON.stringify({
  loss: value!.item(),
  w: p.w.data[0],
  b: p.b.data[0],
  grown: memoryInUse() - inside,
  target: step.stats()[0]!.target,
}));
