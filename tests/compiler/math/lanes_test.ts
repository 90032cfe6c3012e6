/** Lanes as WebAssembly: each operation, sharing, locals, constants, and calls of the host. */
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { planLanes } from "../../../src/compiler/emit/lane_plan.ts";
import { type Lane, Lanes, type LaneType } from "../../../src/compiler/math/lanes.ts";
import { relaxedSimd } from "../../../src/compiler/wasm/writer.ts";
import { laneFunction } from "./lane_function.ts";

const TYPES: readonly LaneType[] = ["f32x4", "f64x2"];
const NUMBERS = [0, -0, 1, -1, 2.5, -2.5, 0.5, 1.5, -7.75, 4096, Infinity, -Infinity, NaN, 3, -3, 100];

/** Runs lanes over all pairs of some numbers. */
function runPairs(
  type: LaneType,
  build: (L: Lanes, x: Lane, y: Lane) => Lane,
  check: (actual: number, x: number, y: number) => void,
): void {
  for (const fused of relaxedSimd() ? [true, false] : [false]) {
    const compiled = laneFunction(type, 2, build, { fused });
    const [first, second] = compiled.inputs as [Float32Array, Float32Array];
    NUMBERS.forEach((x, i) =>
      NUMBERS.forEach((y, j) => {
        const at = i * NUMBERS.length + j;
        [first[at], second[at]] = [x, y];
      })
    );
    const count = NUMBERS.length ** 2;
    compiled.run(count);
    for (let i = 0; i < count; i++) check(compiled.output[i]!, first[i]!, second[i]!);
  }
}

const operations: Record<string, [(L: Lanes, x: Lane, y: Lane) => Lane, (x: number, y: number) => number]> = {
  add: [(L, x, y) => L.add(x, y), (x, y) => x + y],
  sub: [(L, x, y) => L.sub(x, y), (x, y) => x - y],
  mul: [(L, x, y) => L.mul(x, y), (x, y) => x * y],
  div: [(L, x, y) => L.div(x, y), (x, y) => x / y],
  neg: [(L, x) => L.neg(x), (x) => -x],
  abs: [(L, x) => L.abs(x), Math.abs],
  sqrt: [(L, x) => L.sqrt(x), Math.sqrt],
  floor: [(L, x) => L.floor(x), Math.floor],
  ceil: [(L, x) => L.ceil(x), Math.ceil],
  trunc: [(L, x) => L.trunc(x), Math.trunc],
  min: [(L, x, y) => L.min(x, y), Math.min],
  max: [(L, x, y) => L.max(x, y), Math.max],
  quickMin: [(L, x, y) => L.quickMin(x, y), (x, y) => y < x ? y : x],
  quickMax: [(L, x, y) => L.quickMax(x, y), (x, y) => x < y ? y : x],
  fma: [(L, x, y) => L.fma(x, y, L.constant(2)), (x, y) => x * y + 2],
  fnma: [(L, x, y) => L.fnma(x, y, L.constant(2)), (x, y) => 2 - x * y],
  withSign: [
    (L, x, y) => L.withSign(L.abs(x), y),
    (x, y) => Object.is(y, -0) || y < 0 ? -Math.abs(x) : Math.abs(x),
  ],
  lt: [(L, x, y) => L.select(L.lt(x, y), L.constant(7), x), (x, y) => x < y ? 7 : x],
  le: [(L, x, y) => L.select(L.le(x, y), L.constant(7), x), (x, y) => x <= y ? 7 : x],
  gt: [(L, x, y) => L.select(L.gt(x, y), L.constant(7), x), (x, y) => x > y ? 7 : x],
  ge: [(L, x, y) => L.select(L.ge(x, y), L.constant(7), x), (x, y) => x >= y ? 7 : x],
  eq: [(L, x, y) => L.select(L.eq(x, y), L.constant(7), x), (x, y) => x === y ? 7 : x],
  ne: [(L, x, y) => L.select(L.ne(x, y), L.constant(7), x), (x, y) => x !== y ? 7 : x],
  isNan: [(L, x) => L.select(L.isNan(x), L.constant(7), x), (x) => Number.isNaN(x) ? 7 : x],
  not: [(L, x, y) => L.select(L.not(L.lt(x, y)), L.constant(7), x), (x, y) => !(x < y) ? 7 : x],
  andNot: [
    (L, x, y) => L.select(L.andNot(L.gt(x, L.constant(0)), L.gt(y, L.constant(0))), y, x),
    (x, y) => x > 0 && !(y > 0) ? y : x,
  ],
};

for (const [name, [build, expected]] of Object.entries(operations)) {
  for (const type of TYPES) {
    Deno.test(`${name} of ${type} is that of JavaScript`, () =>
      runPairs(type, build, (actual, x, y) => {
        const wanted = type === "f32x4" ? Math.fround(expected(x, y)) : expected(x, y);
        // A copied sign is all there is to compare of a NaN.
        const isSame = Object.is(actual, wanted) || (wanted !== wanted && actual !== actual);
        assert(isSame, `${x}, ${y}: ${actual}, not ${wanted}`);
      }));
  }
}

Deno.test("integers: bits are added, subtracted, shifted and compared", () => {
  for (const type of TYPES) {
    const bits = type === "f32x4" ? 32 : 64;
    const compiled = laneFunction(type, 1, (L, x) => {
      const seven = L.bits(7);
      const shifted = L.shiftRight(
        L.shiftLeft(L.subBits(L.addBits(x, seven), L.bits(4)), bits - 8),
        bits - 8,
      );
      return L.select(
        L.eqBits(shifted, L.bits(5)),
        L.bits(1),
        shifted,
      );
    });
    const { buffer, byteOffset, length } = compiled.inputs[0]!;
    const view = (offset: number): Int32Array | BigInt64Array =>
      type === "f32x4" ? new Int32Array(buffer, offset, length) : new BigInt64Array(buffer, offset, length);
    const input = view(byteOffset);
    for (let i = 0; i < 4; i++) input[i] = (type === "f32x4" ? [2, 3, 4, 10] : [2n, 3n, 4n, 10n])[i]!;
    compiled.run(4);
    assertEquals([...view(compiled.output.byteOffset).subarray(0, 4)].map(Number), [1, 6, 7, 13]);
  }
});

Deno.test("numbers are rounded to integers, whose bits make powers of two", () => {
  for (const type of TYPES) {
    for (const fused of relaxedSimd() ? [true, false] : [false]) {
      for (const [factor, plus] of [[1, 0], [3, 0], [-0.75, 5]] as const) {
        const bias = type === "f32x4" ? 127 : 1023;
        const made = (["number", "power", "bits"] as const).map((part) =>
          laneFunction(type, 1, (L, x) => {
            const n = L.roundToInteger(x, factor, part === "power" ? bias + plus : plus);
            if (part === "number") return n.number;
            return part === "power" ? L.powerOfTwo(n.bits) : L.fromInteger(L.and(n.bits, L.bits(15)));
          }, { fused })
        );
        const inputs = [0, 1, -1, 0.4, 2.6, -2.6, 7.2, -7.9];
        for (const { inputs: [input], run } of made) {
          input!.set(inputs);
          run(inputs.length);
        }
        const expected = inputs.map((x) => Math.round(Math.fround(x) * factor));
        const [numbers, powers, bits] = made.map(({ output }) => [...output.subarray(0, inputs.length)]);
        assertEquals(numbers!.map((n) => n + 0), expected.map((n) => n + 0));
        assertEquals(powers, expected.map((n) => 2 ** (n + plus)));
        assertEquals(bits, expected.map((n) => (n + plus) & 15));
      }
    }
  }
});

Deno.test("a fused multiply-add rounds once", () => {
  if (!relaxedSimd()) return;
  const compiled = laneFunction("f64x2", 1, (L, x) => L.fma(x, x, L.constant(-1 - 2 ** -29)), {
    fused: true,
  });
  compiled.inputs[0]!.fill(1 + 2 ** -30);
  compiled.run(4);
  assertEquals(compiled.output[0], 2 ** -60);
});

Deno.test("floats become doubles and doubles floats", () => {
  const compiled = laneFunction("f32x4", 1, (L, x) => {
    const [low, high] = ([0, 1] as const).map((half) => {
      const wide = L.widen(x, half);
      // 2^-40 is lost in float32 only.
      const sum = L.double.add(wide, L.double.constant(2 ** -40));
      return L.double.mul(L.double.sub(sum, wide), L.double.constant(2 ** 40 * (half + 1)));
    });
    return L.narrow(low!, high!);
  });
  compiled.inputs[0]!.set([1, 2, 3, 4]);
  compiled.run(4);
  assertEquals([...compiled.output.subarray(0, 4)], [1, 1, 2, 2]);
});

Deno.test("equal lanes are the same object, whoever builds them", () => {
  const L = new Lanes("f32x4", { fused: false });
  const sum = (): Lane => L.add(L.mul(L.input(0), L.constant(3)), L.input(1));
  assertStrictEquals(sum(), sum());
  assertNotStrictEquals(L.constant(0), L.constant(-0));
  assertStrictEquals(L.double.constant(1), L.double.constant(1));
  assertEquals(L.numberOf(L.constant(0.1)), Math.fround(0.1));
  assertEquals(L.numberOf(L.input(0)), undefined);
});

Deno.test("locals are used again after the last use of what they held", () => {
  const L = new Lanes("f64x2", { fused: false });
  let x = L.input(0);
  for (let i = 0; i < 20; i++) x = L.mul(x, x);
  const plan = planLanes([x]);
  assertEquals(plan.instructionCount, 20);
  assertLessOrEqual(plan.localCount, 2, `${plan.localCount} locals`);
});

Deno.test("constants are listed once, those used most first, and may be inline or in locals", () => {
  const build = (L: Lanes, x: Lane): Lane => {
    const [two, three] = [L.constant(2), L.constant(3)];
    return L.add(L.mul(x, three), L.mul(L.add(L.mul(x, two), two), L.sub(x, two)));
  };
  for (const hoist of [true, false]) {
    const compiled = laneFunction("f64x2", 1, build, { hoist });
    assertEquals(compiled.plan.constants.map((c) => new Lanes("f64x2", { fused: false }).numberOf(c)), [
      2,
      3,
    ]);
    compiled.inputs[0]!.set([0, 1, 2, 10]);
    compiled.run(4);
    assertEquals([...compiled.output.subarray(0, 4)], [-4, -1, 6, 206]);
  }
});

Deno.test("the host is called for all elements, or only where a mask asks for it", () => {
  for (const type of TYPES) {
    const calls: number[] = [];
    const host = { arity: 2, run: (x: number, y: number): number => (calls.push(x), 1000 + x * y) };
    const always = laneFunction(type, 2, (L, x, y) => L.call(host, [x, y]));
    const [first, second] = always.inputs as [Float32Array, Float32Array];
    first.set([1, 2, 3, 4]);
    second.set([10, 20, 30, 40]);
    always.run(4);
    assertEquals([...always.output.subarray(0, 4)], [1010, 1040, 1090, 1160]);
    assertEquals(calls.splice(0), [1, 2, 3, 4]);

    const rarely = laneFunction(type, 2, (L, x, y) => {
      return L.rescue(L.add(x, y), L.gt(x, L.constant(6)), host, [x, y]);
    });
    const inputs = rarely.inputs as [Float32Array, Float32Array];
    inputs[0].set([1, 2, 3, 4, 5, 6, 7, 8]);
    inputs[1].fill(10);
    rarely.run(8);
    assertEquals([...rarely.output.subarray(0, 8)], [11, 12, 13, 14, 15, 16, 1070, 1080]);
    assertEquals(calls, type === "f32x4" ? [5, 6, 7, 8] : [7, 8]);
  }
});

Deno.test("a plan hands out several roots in order, a shared one more than once", () => {
  const L = new Lanes("f32x4", { fused: false });
  const square = L.mul(L.input(0), L.input(0));
  const plan = planLanes([square, L.add(square, L.constant(1)), square]);
  assertEquals(plan.instructionCount, 2);
  assertEquals(plan.hosts, []);
});

Deno.test("the host is not called for what stands beside an array", () => {
  for (const type of ["f32x4", "f64x2"] as const) {
    const calls: number[] = [];
    const host = { arity: 1, run: (x: number): number => (calls.push(x), 10 * x) };
    for (const wanted of type === "f32x4" ? [1, 3] : [1]) {
      const always = laneFunction(type, 1, (L, x) => L.call(host, [x]), { wanted });
      const rescued = laneFunction(type, 1, (L, x) => L.rescue(x, L.gt(x, L.constant(0)), host, [x]), {
        wanted,
      });
      for (const f of [always, rescued]) {
        f.inputs[0]!.set([1, 2, 3, 4]);
        f.run(4);
        const lanes = type === "f32x4" ? 4 : 2;
        const expected = [1, 2, 3, 4].filter((_, i) => i % lanes < wanted);
        assertEquals(calls.splice(0), expected);
        assertEquals(expected.map((x) => f.output[x - 1]), expected.map((x) => 10 * x));
      }
    }
  }
});
