import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { compile, constant, NdArray, type Variable } from "../../../mod.ts";
import { memoryInUse, sharedMemory } from "../../../src/compiler/wasm/linear_memory.ts";

/** So many elements that results stay in the memory of the program: 64 KiB of float32. */
const SIZE = 1 << 14;

const filled = (value: number): Variable => constant(new Float32Array(SIZE).fill(value));

/** The value that all elements have. */
function only(x: Variable): number {
  const { data } = x;
  assertEquals([data.length, data.findIndex((element) => element !== data[0])], [SIZE, -1]);
  return data[0]!;
}

Deno.test("a large result stays what it is while the program runs again", () => {
  const f = compile((x: Variable) => [x.mul(2), x.add(1).sum()] as const);
  const results = [1, 2, 3, 4].map((value) => f(filled(value)));
  assertEquals(results.map(([y]) => only(y)), [2, 4, 6, 8]);
  assertEquals(results.map(([, sum]) => sum.value), [2, 3, 4, 5].map((value) => value * SIZE));
});

Deno.test("a large result can be passed to the program that made it", () => {
  const f = compile((x: Variable) => x.mul(2).sub(1));
  const all = [filled(3)];
  for (let i = 0; i < 5; i++) all.push(f(all.at(-1)!));
  assertEquals(all.map(only), [3, 5, 9, 17, 33, 65]);
  assertEquals(only(f(all[1]!)), 9);
});

Deno.test("a large result is read by another program where it stands, and stays readable", () => {
  const make = compile((x: Variable) => x.mul(2));
  const use = compile((x: Variable, y: Variable) => x.mul(10).add(y));
  for (let i = 0; i < 4; i++) {
    const [a, b] = [make(filled(i)), make(filled(i + 1))];
    assertEquals(only(use(a, b)), 20 * i + 2 * i + 2);
    assertEquals([only(a), only(b)], [2 * i, 2 * i + 2]);
  }
});

Deno.test("a large result that is donated to another program is given up, not copied", () => {
  const make = compile((x: Variable) => x.mul(2));
  const use = compile((w: Variable, g: Variable) => w.sub(g), { donate: [0, 1] });
  let w = filled(100);
  for (let i = 1; i < 5; i++) {
    const g = make(filled(i));
    w = use(w, g);
    assertThrows(() => g.data, TypeError, "it was donated");
  }
  assertEquals(only(w), 80);
  const kept = make(filled(7));
  const other = kept.reshape([2, SIZE / 2]);
  const array = kept.toArray();
  assertEquals(only(use(w, kept)), 66);
  assertEquals([other.data[0], array.data[0]], [14, 14]);
});

Deno.test("large results that nobody took are copied out, until another program takes them", () => {
  const make = compile((x: Variable) => x.mul(2));
  const results = Array.from({ length: 40 }, (_, i) => make(filled(i)));
  assertEquals(results.map(only), results.map((_, i) => 2 * i));
  const use = compile((w: Variable, g: Variable) => w.sub(g), { donate: [0, 1] });
  let w = filled(0);
  let last = filled(0);
  for (let i = 0; i < 40; i++) w = use(w, last = make(filled(1)));
  assertThrows(() => last.data, TypeError, "it was donated");
  assertEquals(only(w), -80);
});

Deno.test("what is donated and passed beside, or donated twice, is read before it is given up", () => {
  const make = compile((x: Variable) => x.add(1));
  const use = compile((a: Variable, b: Variable, c: Variable) => a.mul(100).add(b.mul(10)).add(c), {
    donate: [0, 1],
  });
  for (let i = 0; i < 3; i++) {
    const y = make(filled(i));
    assertEquals(only(use(y, y, y)), 111 * (i + 1));
  }
});

Deno.test("results that are the same, views, inputs or constants are what the function gives", () => {
  const f = (x: Variable) => {
    const y = x.mul(3);
    const z = x.add(1);
    return [
      y,
      y,
      z.reshape([2, SIZE / 2]),
      z.slice([0], [SIZE / 2]),
      x,
      constant(new Float32Array(SIZE)),
      z.sum(),
    ];
  };
  const compiled = compile(f);
  for (let i = 0; i < 3; i++) {
    const x = filled(i);
    assertEquals(compiled(x).map((r) => r.value), f(x).map((r) => r.value));
  }
});

Deno.test("large results come back as arrays where arrays went in", () => {
  const f = compile((x: Variable) => x.mul(2));
  const typed = [1, 2, 3].map((value) => f(new Float32Array(SIZE).fill(value)) as Float32Array);
  assertEquals(
    typed.map((data) => [data.length, data[0], data.buffer.byteLength]),
    [2, 4, 6].map((v) => [SIZE, v, 4 * SIZE]),
  );
  const array = f(new NdArray(new Float32Array(SIZE).fill(5))) as NdArray;
  f(new Float32Array(SIZE));
  assertEquals(array.data[0], 10);
});

Deno.test("the printed memory tells which results stay where they are written", () => {
  const f = compile((p: Variable, x: Variable) => [p.add(x), x.mul(2)] as const, { donate: [0] });
  const { memory } = f.lower(filled(1), filled(2));
  assertStringIncludes(memory, `add [${SIZE}] ${4 * SIZE} bytes at the place of a donated argument`);
  assertStringIncludes(memory, `mul [${SIZE}] ${4 * SIZE} bytes at a place where it stays`);
});

Deno.test("a large result outlives the program that made it", () => {
  const f = compile((x: Variable) => x.mul(2));
  const y = f(filled(4));
  f[Symbol.dispose]();
  compile((x: Variable) => x.mul(5))(filled(1));
  assertEquals(only(y), 8);
});

Deno.test("any order of calls, donations and reads gives what arrays of their own would", () => {
  const double = compile((x: Variable) => [x.mul(2), x.add(1)] as const);
  const add = compile((x: Variable, y: Variable) => x.add(y));
  const decay = compile((x: Variable, y: Variable) => [x.sub(y), y.sum()] as const, { donate: [0] });
  const merge = compile((x: Variable, y: Variable) => x.mul(3).add(y), { donate: [0, 1] });
  const step = fc.tuple(fc.constantFrom("double", "add", "decay", "merge", "read"), fc.nat(9), fc.nat(9));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const values: { x: Variable; value: number; isGone: boolean }[] = [1, 2].map((value) => ({
        x: filled(value),
        value,
        isGone: false,
      }));
      const put = (x: Variable, value: number) =>
        values.push({ x, value: Math.fround(value), isGone: false });
      for (const [what, i, j] of steps) {
        const alive = values.filter(({ isGone }) => !isGone);
        if (alive.length === 0) break;
        const [a, b] = [alive[i % alive.length]!, alive[j % alive.length]!];
        if (what === "read") assertEquals(only(a.x), a.value);
        else if (what === "double") {
          const [x, y] = double(a.x);
          put(x, 2 * a.value);
          put(y, a.value + 1);
        } else if (what === "add") put(add(a.x, b.x), a.value + b.value);
        else if (what === "decay") {
          const [x, sum] = decay(a.x, b.x);
          put(x, a.value - b.value);
          assertEquals(sum.value, Math.fround(b.value * SIZE));
          a.isGone = true;
        } else {
          put(merge(a.x, b.x), 3 * a.value + b.value);
          a.isGone = b.isGone = true;
        }
      }
      for (const { x, value, isGone } of values) if (!isGone) assertEquals(only(x), value);
    }),
    { numRuns: 60 },
  );
});

Deno.test("the memory stays as large as it is over 100,000 steps", () => {
  const gradient = compile((w: Variable, x: Variable) => w.sub(x).mul(0.001));
  const update = compile((w: Variable, g: Variable) => w.sub(g), { donate: [0, 1] });
  const keep = compile((w: Variable) => w.add(1));
  let w = filled(1);
  const x = filled(2);
  const run = (steps: number): void => {
    for (let i = 0; i < steps; i++) {
      w = update(w, gradient(w, x));
      if (i % 100 === 0) keep(w);
    }
  };
  run(200);
  const before = [memoryInUse(), sharedMemory().buffer.byteLength];
  const { external } = Deno.memoryUsage();
  run(100_000);
  assertEquals([memoryInUse(), sharedMemory().buffer.byteLength], before);
  assert(Deno.memoryUsage().external - external < 1 << 27);
  assert(Math.abs(only(w) - 2) < 1e-3);
});
