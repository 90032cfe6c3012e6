/** Each instruction: its bytes, against those of another writer; that engines take it; and what it gives. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as opcodes from "../../../src/compiler/wasm/opcodes.ts";
import type { Row, Table } from "../../../src/compiler/wasm/opcodes.ts";
import * as writer from "../../../src/compiler/wasm/writer.ts";
import {
  drop,
  f32,
  f32x4,
  f64,
  f64x2,
  func,
  i32,
  i32x4,
  i8x16,
  importMemory,
  type Local,
  local,
  memory,
  Module,
  relaxedSimd,
  type Type,
  v128,
} from "../../../src/compiler/wasm/writer.ts";
import expected from "../../fixtures/wasm/instructions.json" with { type: "json" };
import { GROUPS, immediatesOf } from "../../fixtures/wasm/groups.ts";
import { linked, newMemory, type Run } from "./written.ts";

const TABLES = opcodes as unknown as Record<string, Table>;
const TYPES: Record<string, Type> = { i32, f32, f64, v128 };
const rows: (readonly [path: string, row: Row])[] = Object.entries(GROUPS).flatMap(([group, table]) =>
  Object.entries(TABLES[table]!).map(([name, row]) => [`${group}.${name}`, row] as const)
);

/** The function that writes an instruction. */
function instruction(path: string): (...given: unknown[]) => unknown {
  return path.split(".").reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], writer) as Run;
}

Deno.test("every group of instructions is tested, and each instruction has the other writer's bytes", () => {
  const tables = Object.keys(TABLES).filter((name) => typeof TABLES[name] === "object");
  assertEquals(new Set<string>(Object.values(GROUPS)), new Set(tables));
  const paths = rows.map(([path]) => path).filter((path) => path !== "i32.gt_s");
  assertEquals(new Set(Object.keys(expected)), new Set(paths));
});

for (const [path, [opcode, operands, result, immediate]] of rows) {
  Deno.test(`${path} has the bytes that another writer gives it, and engines take it`, () => {
    const types = operands.split(" ").map((name) => TYPES[name]!);
    const write = (place: (locals: readonly Local[]) => unknown[]) =>
      func({ in: types, out: [] }, (locals) => {
        instruction(path)(...immediatesOf(immediate), ...place(locals as Local[]));
        if (result !== "") drop();
      });
    const code = write((locals) => {
      locals.forEach(local.get);
      return [];
    });
    const bytes = [...code.code.subarray(2 * types.length, code.code.length - (result === "" ? 1 : 2))];
    const found = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    assertEquals(found, path === "i32.gt_s" ? "4a" : (expected as Record<string, string>)[path]);
    assertEquals(code.code, write((locals) => [...locals]).code, "operands as arguments");
    const isRelaxed = opcode > 0xfd_00ff && opcode < 0xfe_0000;
    const { toBytes } = Module({ exports: { code }, memory: importMemory({ min: 1, max: 1, shared: true }) });
    assert(WebAssembly.validate(toBytes()) || (isRelaxed && !relaxedSimd()));
  });
}

const NUMBERS = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, 1e10, -1e10, Infinity, -Infinity, NaN];

/** Rounds a half to the even integer. */
function nearest(x: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x;
  const rounded = x > 0 || Object.is(x, 0) ? x + 2 ** 52 - 2 ** 52 : x - 2 ** 52 + 2 ** 52;
  return rounded === 0 ? (x < 0 || Object.is(x, -0) ? -0 : 0) : rounded;
}

/** What instructions on floats give, in exact numbers. */
const ON_FLOATS: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  min: (x, y) => Math.min(x, y),
  max: (x, y) => Math.max(x, y),
  pmin: (x, y) => y < x ? y : x,
  pmax: (x, y) => x < y ? y : x,
  abs: (x) => Math.abs(x),
  neg: (x) => -x,
  ceil: (x) => Math.ceil(x),
  floor: (x) => Math.floor(x),
  trunc: (x) => Math.trunc(x),
  nearest,
  sqrt: (x) => Math.sqrt(x),
};
const COMPARISONS: Record<string, (x: number, y: number) => boolean> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  gt: (x, y) => x > y,
  le: (x, y) => x <= y,
  ge: (x, y) => x >= y,
};
/** What instructions on integers give, without what is beyond 32 bits. */
const ON_INTEGERS: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => Math.imul(x, y),
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => x << y,
  shr_s: (x, y) => x >> y,
  shr_u: (x, y) => x >>> y,
  rotl: (x, y) => (x << y) | (x >>> (32 - (y & 31))),
  min_s: (x, y) => Math.min(x, y),
  max_s: (x, y) => Math.max(x, y),
  div_s: (x, y) => Math.trunc(x / y),
  div_u: (x, y) => Math.floor((x >>> 0) / (y >>> 0)),
  rem_s: (x, y) => x % y,
  rem_u: (x, y) => (x >>> 0) % (y >>> 0),
};
for (const [name, compare] of Object.entries(COMPARISONS)) {
  ON_INTEGERS[name] = (x, y) => Number(compare(x, y));
  ON_INTEGERS[`${name}_s`] = (x, y) => Number(compare(x, y));
  ON_INTEGERS[`${name}_u`] = (x, y) => Number(compare(x >>> 0, y >>> 0));
}
const INTEGERS = [1, -1, 2, -3, 7, 31, 100, 2 ** 31 - 1, -(2 ** 31) + 1];

/** A function of two vectors, from their numbers to the number of the result. */
function onVectors(
  write: (x: Local<"v128">, y: Local<"v128">) => void,
): (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  lanes: typeof Float64Array | typeof Float32Array | typeof Int32Array,
) => number[] {
  const shared = newMemory();
  const run = linked(
    func({ in: [], locals: [v128, v128], out: [] }, (_, [x, y]) => {
      local.set(x, v128.load({}, i32.const(0)));
      local.set(y, v128.load({ offset: 16 }, i32.const(0)));
      i32.const(0);
      write(x, y);
      v128.store({ offset: 32 });
    }),
    shared,
  );
  return (x, y, lanes) => {
    const count = 16 / lanes.BYTES_PER_ELEMENT;
    const values = new (lanes as typeof Float64Array)(shared.buffer);
    values.set([...Array.from(x), ...Array.from(y)]);
    run();
    return [...values.subarray(2 * count, 3 * count)];
  };
}

for (const [group, type, round] of [["f32", f32, Math.fround], ["f64", f64, (x: number) => x]] as const) {
  Deno.test(`instructions on ${group} give what JavaScript gives, rounded`, () => {
    const table = TABLES[group.toUpperCase()]!;
    let checked = 0;
    for (const name of Object.keys(table)) {
      const reference = ON_FLOATS[name] ?? COMPARISONS[name];
      if (reference === undefined) continue;
      checked++;
      const operands = table[name]![1].split(" ").map(() => type);
      const out = name in COMPARISONS ? [i32] : [type];
      const run = linked(func({ in: operands as Type[], out: out as Type[] }, (given) => {
        instruction(`${group}.${name}`)(...given);
      }));
      for (const x of NUMBERS) {
        for (const y of NUMBERS) {
          assertEquals(run(x, y), round(Number(reference(round(x), round(y)))), `${name} ${x} ${y}`);
        }
      }
    }
    assertEquals(checked, 19);
  });

  Deno.test(`instructions on vectors of ${group} give in each lane what JavaScript gives, rounded`, () => {
    const shape = group === "f32" ? "f32x4" : "f64x2";
    const lanes = group === "f32" ? Float32Array : Float64Array;
    const count = 16 / lanes.BYTES_PER_ELEMENT;
    let checked = 0;
    for (const [name, row] of Object.entries(TABLES[shape.toUpperCase()]!)) {
      const reference = ON_FLOATS[name] ?? COMPARISONS[name];
      if (reference === undefined) continue;
      checked++;
      const run = onVectors((x, y) => {
        instruction(`${shape}.${name}`)(...row[1].split(" ").length === 1 ? [x] : [x, y]);
        // A mask becomes 1 or 0.
        if (!(name in COMPARISONS)) return;
        v128.const(shape, new Array(count).fill(1));
        v128.and();
      });
      for (let i = 0; i < NUMBERS.length; i++) {
        const x = Array.from({ length: count }, (_, k) => NUMBERS[(i + k) % NUMBERS.length]!);
        for (const y of NUMBERS) {
          const found = run(x, x.map(() => y), lanes);
          assertEquals(
            found,
            x.map((v) => round(Number(reference(round(v), round(y))))),
            `${name} ${x} ${y}`,
          );
        }
      }
    }
    assertEquals(checked, 21);
  });
}

Deno.test("instructions on i32, and on vectors of them, give what JavaScript gives", () => {
  for (const [group, table] of [["i32", "I32"], ["i32x4", "I32X4"]] as const) {
    for (const [name, row] of Object.entries(TABLES[table]!)) {
      const reference = ON_INTEGERS[name];
      if (reference === undefined) continue;
      const isComparison = name.split("_")[0]! in COMPARISONS;
      const isShift = name.startsWith("sh");
      const alone = group === "i32"
        ? linked(func({ in: [i32, i32], out: [i32] }, (given) => void instruction(`i32.${name}`)(...given)))
        : undefined;
      for (const y of INTEGERS) {
        const run = alone === undefined
          ? onVectors((x, other) => void instruction(`${group}.${name}`)(x, isShift ? y : other))
          : undefined;
        for (const x of INTEGERS) {
          const wanted = reference(x, y) | 0;
          if (alone !== undefined) assertEquals(alone(x, y), wanted, `${name} ${x} ${y}`);
          else {
            const found = run!([x, 1, x, 2], [y, y, y, y], Int32Array);
            assertEquals(
              [found[0], found[2]],
              isComparison ? [-wanted, -wanted] : [wanted, wanted],
              `${row} ${x} ${y}`,
            );
          }
        }
      }
    }
  }
});

Deno.test("conversions between integers and floats round, widen and saturate", () => {
  const unary = (from: Type, to: Type, path: string): Run =>
    linked(func({ in: [from], out: [to] }, ([x]) => void instruction(path)(x)));
  assertEquals(unary(f64, f32, "f32.demote_f64")(0.1), Math.fround(0.1));
  assertEquals(unary(f32, f64, "f64.promote_f32")(0.1), Math.fround(0.1));
  assertEquals(unary(i32, f64, "f64.convert_i32_s")(-3), -3);
  assertEquals(unary(i32, f64, "f64.convert_i32_u")(-3), 2 ** 32 - 3);
  assertEquals(unary(f64, i32, "i32.trunc_f64_u")(3e9) >>> 0, 3e9);
  assertThrows(() => unary(f64, i32, "i32.trunc_f64_u")(-1), WebAssembly.RuntimeError);
  assertEquals(unary(f64, i32, "i32.trunc_sat_f64_u")(1e12), -1);
  assertEquals(unary(f64, i32, "i32.trunc_sat_f64_s")(-1e12), -(2 ** 31));
  assertEquals(unary(i32, i32, "i32.eqz")(0), 1);
  const wide = onVectors((x) => void f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(x)));
  assertEquals(wide([0.1, -2.5], [0, 0], Float64Array), [Math.fround(0.1), -2.5]);
  const signed = onVectors((x) => void f64x2.convert_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(x)));
  assertEquals(signed([-2.7, 1e12], [0, 0], Float64Array), [-2, 2 ** 31 - 1]);
  const unsigned = onVectors((x) => void f64x2.convert_low_i32x4_u(i32x4.trunc_sat_f64x2_s_zero(x)));
  assertEquals(unsigned([-1, 5], [0, 0], Float64Array), [2 ** 32 - 1, 5]);
  const floats = (path: string) => onVectors(() => void instruction(path)(i32x4.splat(i32.const(-3))));
  assertEquals(floats("f32x4.convert_i32x4_s")([], [], Float32Array), [-3, -3, -3, -3]);
  assertEquals(floats("f32x4.convert_i32x4_u")([], [], Float32Array)[0], Math.fround(2 ** 32 - 3));
});

Deno.test("instructions on bits and on whole vectors give what they say", () => {
  const bits = (write: (x: Local<"v128">, y: Local<"v128">) => void) =>
    onVectors(write)([0b1100, -1, 0, 5], [0b1010, 7, 3, 5], Int32Array);
  assertEquals(bits((x, y) => void v128.and(x, y)), [0b1000, 7, 0, 5]);
  assertEquals(bits((x, y) => void v128.or(x, y)), [0b1110, -1, 3, 5]);
  assertEquals(bits((x, y) => void v128.xor(x, y)), [0b0110, -8, 3, 0]);
  assertEquals(bits((x, y) => void v128.andnot(x, y)), [0b0100, -8, 0, 0]);
  assertEquals(bits((x) => void v128.not(x)), [~0b1100, 0, -1, ~5]);
  assertEquals(bits((x, y) => void v128.bitselect(x, y, v128.const("i32x4", [-1, 0, -1, 0b100]))), [
    0b1100,
    7,
    0,
    5,
  ]);
  assertEquals(bits((x) => void i32x4.splat(v128.any_true(x))), [1, 1, 1, 1]);
  assertEquals(
    bits((x, y) => void i8x16.shuffle([16, 17, 18, 19, 4, 5, 6, 7, 0, 0, 0, 0, 12, 13, 14, 15], x, y)),
    [
      ...[0b1010, -1, 0x0c0c0c0c, 5],
    ],
  );
  assertEquals(bits((x) => void i32x4.replace_lane(2, x, i32x4.extract_lane(3, x))), [0b1100, -1, 5, 5]);
  const long = (path: string, by: number) =>
    onVectors((x) => void instruction(`i64x2.${path}`)(x, i32.const(by)))(
      [-8, -1, 1, 0],
      [0, 0, 0, 0],
      Int32Array,
    );
  assertEquals(long("shl", 33), [0, -16, 0, 2]);
  assertEquals(long("shr_s", 1), [-4, -1, 0, 0]);
  assertEquals(long("shr_u", 33), [2 ** 31 - 1, 0, 0, 0]);
  const pair = (path: string) =>
    onVectors((x, y) => void instruction(`i64x2.${path}`)(x, y))([-1, 0, 3, 0], [1, 0, 3, 0], Int32Array);
  assertEquals(pair("add"), [0, 1, 6, 0]);
  assertEquals(pair("sub"), [-2, 0, 0, 0]);
  assertEquals(pair("mul"), [-1, 0, 9, 0]);
  assertEquals(pair("eq"), [0, 0, -1, -1]);
  assertEquals(pair("ne"), [-1, -1, 0, 0]);
  const lane = (write: (x: Local<"v128">) => void) => onVectors(write)([1, 2], [3, 4], Float64Array);
  assertEquals(lane((x) => void f64x2.replace_lane(1, x, f64x2.extract_lane(0, x))), [1, 1]);
  assertEquals(lane(() => void f64x2.splat(7)), [7, 7]);
  const floats = onVectors((x) => void f32x4.replace_lane(3, x, f32x4.extract_lane(1, x)));
  assertEquals(floats([1, 2, 3, 4], [0, 0, 0, 0], Float32Array), [1, 2, 3, 2]);
  assertEquals(onVectors(() => void f32x4.splat(0.5))([], [], Float32Array), [0.5, 0.5, 0.5, 0.5]);
});

Deno.test({ name: "relaxed instructions fuse, and select whole elements", ignore: !relaxedSimd() }, () => {
  const e = 2 ** -30;
  const madd = onVectors((x, y) => void f64x2.relaxed_madd(x, x, y));
  assertEquals(madd([1 + e, 2], [-1 - 2 * e, 1], Float64Array), [e * e, 5]);
  const nmadd = onVectors((x, y) => void f64x2.relaxed_nmadd(x, x, y));
  assertEquals(nmadd([1 + e, 2], [1 + 2 * e, 1], Float64Array), [-e * e, -3]);
  const d = 2 ** -13;
  const narrow = onVectors((x, y) => void f32x4.relaxed_madd(x, x, y));
  assertEquals(narrow([1 + d, 2, 0, 1], [-1 - 2 * d, 1, 0, 0], Float32Array), [d * d, 5, 0, 1]);
  const minus = onVectors((x, y) => void f32x4.relaxed_nmadd(x, x, y));
  assertEquals(minus([1 + d, 2, 0, 1], [1 + 2 * d, 1, 0, 0], Float32Array), [-d * d, -3, 0, -1]);
  for (const shape of ["i32x4", "i64x2"]) {
    const select = onVectors((x, y) => {
      instruction(`${shape}.relaxed_laneselect`)(x, y, v128.const("i32x4", [-1, -1, 0, 0]));
    });
    assertEquals(select([1, 2, 3, 4], [5, 6, 7, 8], Int32Array), [1, 2, 7, 8]);
  }
});

Deno.test("loads and stores take the bytes they say, at the offset they are given", () => {
  const shared = newMemory();
  const bytes = new Uint8Array(shared.buffer);
  const words = new Int32Array(shared.buffer);
  const run = (write: (at: Local<"i32">) => void): void => {
    bytes.fill(0);
    bytes.set(Array.from({ length: 16 }, (_, i) => i + 1), 64);
    linked(func({ in: [i32], out: [] }, ([at]) => write(at)), shared)(60);
  };
  const low = [0x04030201, 0x08070605, 0x0c0b0a09, 0x100f0e0d];
  const found = (count = 4) => [...words.subarray(32, 32 + count)];
  const out = { offset: 68 };
  const vector = (path: string) => (at: Local<"i32">) => {
    local.get(at);
    instruction(`v128.${path}`)({ offset: 4 }, at);
    v128.store(out);
  };
  run(vector("load"));
  assertEquals(found(), low);
  run(vector("load32_splat"));
  assertEquals(found(), [low[0], low[0], low[0], low[0]]);
  run(vector("load64_splat"));
  assertEquals(found(), [low[0], low[1], low[0], low[1]]);
  run(vector("load32_zero"));
  assertEquals(found(), [low[0], 0, 0, 0]);
  run(vector("load64_zero"));
  assertEquals(found(), [low[0], low[1], 0, 0]);
  for (
    const [name, lane, wanted] of [["32", 2, [7, 7, low[0], 7]], ["64", 1, [7, 7, low[0], low[1]]]] as const
  ) {
    run((at) => {
      local.get(at);
      instruction(`v128.load${name}_lane`)({ offset: 4 }, lane, at, v128.const("i32x4", [7, 7, 7, 7]));
      v128.store(out);
    });
    assertEquals(found(), [...wanted]);
  }
  run((at) => v128.store32_lane(out, 3, at, v128.load({ offset: 4 }, at)));
  assertEquals(found(2), [low[3], 0]);
  run((at) => v128.store64_lane(out, 1, at, v128.load({ offset: 4 }, at)));
  assertEquals(found(3), [low[2], low[3], 0]);
  run((at) => i32.store(out, at, i32.load({ offset: 8 }, at)));
  assertEquals(found(2), [low[1], 0]);
  run((at) => f64.store(out, at, f64.load({ offset: 4 }, at)));
  assertEquals(found(3), [low[0], low[1], 0]);
  run((at) => f32.store(out, at, f32.load({ offset: 4 }, at)));
  assertEquals(found(2), [low[0], 0]);
  run((at) => memory.fill(i32.add(at, 68), 255, 5));
  assertEquals(found(2), [-1, 255]);
  run((at) => memory.copy(i32.add(at, 68), i32.add(at, 4), 6));
  assertEquals(found(2), [low[0], 0x0605]);
  run((at) => {
    i32.atomic.store(out, at, 40);
    i32.atomic.rmw.add(out, at, 2);
    drop();
    i32.store({ offset: 72 }, at, i32.atomic.load(out, at));
    i32.store({ offset: 76 }, at, memory.atomic.notify(out, at, -1));
  });
  assertEquals(found(3), [42, 42, 0]);
});

Deno.test("constants are written as they are: the least and largest integers, -0, NaN and every shape", () => {
  for (const value of [0, 1, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)]) {
    assertEquals(linked(func({ in: [], out: [i32] }, () => void i32.const(value)))(), value);
  }
  for (const value of [0, -0, NaN, Infinity, 0.1, 5e-324]) {
    assertEquals(linked(func({ in: [], out: [f64] }, () => void f64.const(value)))(), value);
    assertEquals(linked(func({ in: [], out: [f32] }, () => void f32.const(value)))(), Math.fround(value));
  }
  const vector = (write: () => void) => onVectors(write)([], [], Int32Array);
  assertEquals(vector(() => void v128.const("i32x4", [1, -1, 0xff800000, 4])), [1, -1, 0xff800000 | 0, 4]);
  assertEquals(vector(() => void v128.const("i64x2", [-2n, 1n << 33n])), [-2, -1, 0, 2]);
  assertEquals(vector(() => void v128.const("f32x4", [1, -0, 0, 2])), [
    0x3f800000,
    0x80000000 | 0,
    0,
    0x40000000,
  ]);
  assertEquals(vector(() => void v128.const("f64x2", [1, -0])), [0, 0x3ff00000, 0, 0x80000000 | 0]);
  assertEquals(
    vector(() => void v128.const("i8x16", Array.from({ length: 16 }, (_, i) => 255 - i)))[0],
    0xfcfdfeff | 0,
  );
  const few = () => func({ in: [], out: [] }, () => void v128.const("f32x4", [1, 2]));
  assertThrows(few, TypeError, "Cannot write v128.const: 2 numbers are not a vector of f32x4");
  const lanes = () => func({ in: [v128], out: [] }, ([x]) => void i8x16.shuffle([1], x, x));
  assertThrows(lanes, TypeError, "Cannot write i8x16.shuffle: it takes 16 lanes, not 1");
});
