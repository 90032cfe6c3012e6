import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { grad, noGrad, tape, type Variable, variable } from "../../mod.ts";

Deno.test("backward() leaves graphs alone that share only trainable Variables with its own", () => {
  const w = variable([1, 2]);
  const other = variable(3);
  const first = w.mul(2).sum();
  const second = w.square().sum().mul(other);
  first.backward();
  assertEquals(w.grad?.value, [2, 2]);
  second.backward();
  assertEquals([w.grad?.value, other.grad?.value], [[8, 14], 5]);
  assertEquals(tape.length, 0);
});

Deno.test("backward() drops what hangs together with its output, and says so when it is used again", () => {
  const w = variable(3);
  const shared = w.square();
  const loss = shared.add(1);
  const metric = shared.gt(2);
  loss.backward();
  assertEquals(tape.length, 0);
  assertThrows(() => metric.mul(w), TypeError, "its row was dropped");
  assertThrows(() => shared.backward(), TypeError, "its row was dropped");
});

Deno.test("two tasks that wait between recording and backward() don't disturb each other", async () => {
  const task = async (start: number, ms: number): Promise<number> => {
    const w = variable(start);
    for (let step = 0; step < 5; step++) {
      const loss = w.sub(1).square();
      await new Promise((resolve) => setTimeout(resolve, ms));
      w.zeroGrad();
      loss.backward();
      w.assign(noGrad(() => w.sub(w.grad!.mul(0.25))));
    }
    return w.item();
  };
  const [a, b] = await Promise.all([task(3, 2), task(-5, 3)]);
  assertAlmostEquals(a!, 1 + 2 / 2 ** 5, 1e-12);
  assertAlmostEquals(b!, 1 - 6 / 2 ** 5, 1e-12);
  assertEquals(tape.length, 0);
});

Deno.test("what a transform leaves on the tape goes with the walk over its result", () => {
  const w = variable([1, 2]);
  const slope = grad((x: Variable) => x.mul(w).square().sum())(variable([3, 4]));
  slope.sum().backward();
  assertEquals(w.grad?.value, [12, 32]);
  assertEquals(tape.length, 0);
});

Deno.test("values that nobody walks over are dropped when there are too many of them", () => {
  const w = variable(new Float64Array(1 << 20).fill(1));
  const rows: number[] = [];
  for (let step = 0; step < 80; step++) {
    w.mul(2);
    const x = variable(1);
    x.add(1).backward();
    rows.push(tape.length);
  }
  assertEquals(Math.max(...rows) < 200, true, `${rows}`);
  tape.clear();
});

Deno.test("updates that are recorded between walks don't make them longer: only what hangs together is looked at", () => {
  const w = variable([1, 2]), b = variable(0.5);
  let other: Variable | null = null;
  for (let step = 0; step < 300; step++) {
    const sum = w.mul(3).sum().add(b);
    const before = sum.item();
    const loss = sum.square();
    w.zeroGrad();
    b.zeroGrad();
    loss.backward();
    assertEquals(b.grad!.item(), 2 * before);
    w.assign(w.sub(w.grad!.mul(0.001)));
    b.assign(b.sub(b.grad!.mul(0.001)));
    if (step === 100) other = w.square().sum();
  }
  // What waited all the time can still be walked; the updates are no longer needed then.
  const now = w.value;
  w.zeroGrad();
  other!.backward();
  assertEquals(w.value, now);
  assertEquals(tape.length > 0, true);
  tape.clear();
});

Deno.test("a walk drops what was left below it when nothing there is needed any more", () => {
  const w = variable(2);
  const first = w.mul(3);
  const second = w.square();
  second.backward();
  assertEquals(tape.length, 3);
  const third = w.mul(5).add(first);
  third.backward();
  assertEquals(w.grad!.item(), 4 + 8);
  assertEquals(tape.length, 0);
  const kept = w.exp();
  w.mul(7).backward();
  w.mul(8).backward();
  assertEquals(tape.length, 2);
  kept.backward();
  assertEquals(tape.length, 0);
});
