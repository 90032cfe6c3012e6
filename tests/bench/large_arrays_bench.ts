/**
 * A million elements through compiled functions: what passing large arrays in, out and on costs beside the loop alone.
 * Besides the times, prints the processor time of the fastest round: `deno bench -A tests/bench/large_arrays_bench.ts`.
 */
import { cpuUsage } from "node:process";
import { compile, constant, valueAndGrad, type Variable } from "../../mod.ts";

const COUNT = 1_000_000;

const loss = (x: Variable, w: Variable, b: Variable): Variable =>
  x.mul(w).add(b).tanh().square().mul(x.sigmoid()).sum();
const gradients = valueAndGrad(loss, { argnums: [0, 1, 2] });
const numbers = (): Variable => constant(Float32Array.from({ length: COUNT }, (_, i) => Math.sin(i)));
const [x, w, b] = [numbers(), constant(new Float32Array([0.8])), constant(new Float32Array([0.1]))];

const passed = compile(gradients);
const small = compile(valueAndGrad(loss, { argnums: [1, 2] }));
const inPlace = compile((x: Variable, w: Variable, b: Variable) => {
  const [value, [slope, ...others]] = gradients(x, w, b);
  return [slope, value, others] as const;
}, { donate: [0] });
const update = compile((x: Variable, slope: Variable) => x.sub(slope.mul(1e-3)), { donate: [0, 1] });
const both = compile((x: Variable, w: Variable, b: Variable) => {
  const [value, [slope]] = gradients(x, w, b);
  return [x.sub(slope.mul(1e-3)), value] as const;
}, { donate: [0] });

let [donated, updated, stepped] = [numbers(), numbers(), numbers()];
const cases: { readonly [name: string]: () => void } = {
  "value and three gradients, the loop alone": () => void ([donated] = inPlace(donated, w, b)),
  "value and three gradients, unread": () => void passed(x, w, b),
  "value and three gradients, read": () => void passed(x, w, b)[1][0].data,
  "value and the two small gradients": () => void small(x, w, b),
  "gradients and update, one program": () => void ([stepped] = both(stepped, w, b)),
  "gradients and update, two programs": () => {
    updated = update(updated, passed(updated, w, b)[1][0]);
  },
};

const ROUND = 10;
const fastest = new Map<string, number>();
for (const [name, run] of Object.entries(cases)) {
  Deno.bench(`${name}, ${ROUND} times`, () => {
    const before = cpuUsage();
    for (let i = 0; i < ROUND; i++) run();
    const { user, system } = cpuUsage(before);
    fastest.set(name, Math.min(fastest.get(name) ?? Infinity, (user + system) / 1000 / ROUND));
  });
}

globalThis.addEventListener("unload", () => {
  for (const [name, time] of fastest) console.log(`${time.toFixed(2).padStart(6)} ms  ${name}`);
});
