import { assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import {
  checkpoint,
  checkpointLoop,
  constant,
  grad,
  hessian,
  jacobianForward,
  jacobianReverse,
  jvp,
  tape,
  valueAndGrad,
  type Variable,
  variable,
  vmap,
} from "../../mod.ts";

const block = (x: Variable): Variable => x.sin().exp().mul(x).add(x.tanh());
const saved = checkpoint(block);
const point = new Float32Array([0.3, -1.2, 2]);

Deno.test("checkpoint() gives the same bits", () => {
  const plain = (x: Variable): Variable => block(block(block(x))).sum();
  const short = (x: Variable): Variable => saved(saved(saved(x))).sum();
  for (const x of [point, new Float64Array([0.3, -1.2, 2])]) {
    assertEquals(valueAndGrad(short)(x), valueAndGrad(plain)(x));
  }
  assertEquals(grad((x: Variable) => saved(saved(x)))(0.3), grad((x: Variable) => block(block(x)))(0.3));
});

Deno.test("checkpoint() takes trees and what the function captures, trainable or not", () => {
  const w = variable(new Float32Array([0.1, 0.2, 0.3]));
  const layer = ({ h }: { h: Variable }, c: Variable) => ({ h: h.mul(w).add(c).tanh(), sum: c.sum() });
  const run = (wrap: typeof layer): unknown[] => {
    const c = constant(point);
    let total = constant(0);
    for (let i = 0; i < 3; i++) {
      const { h, sum } = wrap({ h: c }, w.square());
      total = h.sum().add(sum).add(total);
    }
    total.backward();
    const found = [total.item(), [...w.grad!.data]];
    w.zeroGrad();
    return found;
  };
  const [value, slopes] = run(layer) as [number, number[]];
  const [again, others] = run(checkpoint(layer)) as [number, number[]];
  assertEquals(again, value);
  // Sums over the calls run in another order.
  slopes.forEach((s, i) => assertAlmostEquals(others[i]!, s, 1e-6));
  const captured = (wrap: typeof block) => (x: Variable): Variable => {
    const y = x.sin();
    return checkpointIf(wrap, (z) => z.mul(y).mul(x))(y);
  };
  const checkpointIf = (wrap: typeof block, f: typeof block) => wrap === saved ? checkpoint(f) : f;
  for (const derive of [grad, (f: typeof block) => grad(grad(f))]) {
    assertAlmostEquals(derive(captured(saved))(0.5), derive(captured(block))(0.5), 1e-14);
  }
  for (const derive of [jacobianForward, jacobianReverse]) {
    assertAlmostEquals(derive(captured(saved))(0.5).item(), grad(captured(block))(0.5), 1e-14);
  }
  assertAlmostEquals(jvp(captured(saved))([0.5], [1])[1].item(), grad(captured(block))(0.5), 1e-14);
  assertEquals(tape.length, 0);
});

Deno.test("checkpoint() nests with itself, with higher derivatives and with vmap", () => {
  const nested = checkpoint((x: Variable) => saved(saved(x)).mul(x));
  const plain = (x: Variable): Variable => block(block(x)).mul(x);
  assertEquals(grad(nested)(0.3), grad(plain)(0.3));
  assertAlmostEquals(grad(grad(nested))(0.3), grad(grad(plain))(0.3), 1e-13);
  const h = hessian((x: Variable) => nested(x).sum())([0.3, 0.5]).data;
  hessian((x: Variable) => plain(x).sum())([0.3, 0.5]).data.forEach((x, i) =>
    assertAlmostEquals(h[i]!, x, 1e-12)
  );
  assertEquals(vmap(grad(nested))([0.3, 0.5]).value, vmap(grad(plain))([0.3, 0.5]).value);
});

Deno.test("checkpoint() refuses a function that computes something else the second time", () => {
  let calls = 0;
  const fickle = checkpoint((x: Variable) => x.mul(++calls));
  assertThrows(() => grad(fickle)(1), TypeError, "computed something else the second time");
  assertThrows(() => checkpoint(3 as never), TypeError, "takes a function");
});

/** The most rows that were on the tape while a function ran. */
function peakOf(run: (watch: () => void) => void): number {
  let peak = 0;
  run(() => peak = Math.max(peak, tape.length));
  return peak;
}

Deno.test("checkpoint() and checkpointLoop() hold fewer rows", () => {
  const steps = 400;
  const step = (watch: () => void) => (x: Variable): Variable => {
    watch();
    return x.mul(0.999).sin().add(1e-3);
  };
  const plain = peakOf((watch) =>
    grad((x: Variable) => {
      for (let i = 0; i < steps; i++) x = step(watch)(x);
      return x;
    })(1)
  );
  const looped = peakOf((watch) => grad((x: Variable) => checkpointLoop(step(watch), x, steps))(1));
  assertGreater(plain, 5 * (steps - 1));
  // 20 segments of 3 rows, and one segment of 20 steps.
  assertLess(looped, 20 * 8 + 20 * 8);
});

Deno.test("checkpointLoop() equals the loop, for trees, captured parameters and any number of steps", () => {
  const k = variable(0.3);
  const step = ({ x, v }: { x: Variable; v: Variable }, i: number) => {
    const force = x.sin().mul(k).add(i % 2);
    return { x: x.add(v.mul(0.1)), v: v.sub(force.mul(0.1)) };
  };
  for (const steps of [0, 1, 2, 10, 50]) {
    const looped = (x: Variable): Variable => checkpointLoop(step, { x, v: constant([0, 1]) }, steps).x.sum();
    const plain = (x: Variable): Variable => {
      let state = { x, v: constant([0, 1]) };
      for (let i = 0; i < steps; i++) state = step(state, i);
      return state.x.sum();
    };
    assertEquals(valueAndGrad(looped)([1, 2]), valueAndGrad(plain)([1, 2]));
    if (steps < 2) continue;
    looped(constant([1, 2])).backward();
    const slope = k.grad!.item();
    k.zeroGrad();
    plain(constant([1, 2])).backward();
    assertAlmostEquals(slope, k.grad!.item(), 1e-12);
    k.zeroGrad();
  }
  assertEquals(checkpointLoop((x: Variable) => x.mul(2), 3 as unknown as Variable, 4).item(), 48);
  assertThrows(() => checkpointLoop((x: Variable) => x, constant(1), 1.5), RangeError, "1.5 steps");
});

Deno.test("a recurrence of 100,000 steps with checkpointLoop()", () => {
  const steps = 100_000;
  let peak = 0;
  const run = (x: Variable): Variable =>
    checkpointLoop(
      (y: Variable) => {
        peak = Math.max(peak, tape.length);
        return y.mul(0.99999).add(1e-6);
      },
      x,
      steps,
    );
  assertAlmostEquals(grad(run)(1), 0.99999 ** steps, 1e-10);
  assertLess(peak, 4000);
});

Deno.test("checkpointLoop() takes a number as its state, and its types say so", () => {
  const last: Variable = checkpointLoop((y: Variable) => y.mul(2), 1, 3);
  assertEquals(last.item(), 8);
});
