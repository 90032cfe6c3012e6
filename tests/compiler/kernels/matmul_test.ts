import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import { kernelLibrary, linkKernels, type WindowKernels } from "../../../src/compiler/kernels/library.ts";
import {
  matmulScratchBytes,
  packedBytes,
  packedScratchBytes,
} from "../../../src/compiler/kernels/parameters.ts";

import { relaxedSimd } from "../../../src/compiler/wasm/writer.ts";

type DType = "float32" | "float64";

interface Product {
  rows: number;
  depth: number;
  columns: number;
  /** Elements by which stored rows are longer than they need be: of x, y and the result. */
  extra: [number, number, number];
  transposeX: boolean;
  transposeY: boolean;
  accumulate: boolean;
}

const memory = new WebAssembly.Memory({ initial: 400, maximum: 65535, shared: true });
const SPARE = 64;

class Bench {
  readonly kernels: WindowKernels;
  readonly bytes: number;
  readonly data: Float32Array | Float64Array;

  constructor(readonly dtype: DType, relaxed: boolean) {
    this.kernels = linkKernels(kernelLibrary({ dtype, relaxed }), memory);
    this.bytes = dtype === "float32" ? 4 : 8;
    this.data = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  }
}

const benches = (["float32", "float64"] as const).flatMap((dtype) =>
  [false, ...relaxedSimd() ? [true] : []].map((relaxed) => ({
    name: `${dtype}${relaxed ? " relaxed" : ""}`,
    bench: new Bench(dtype, relaxed),
  }))
);

/** Addresses of the operands, the result and the scratch, each with a guard around. */
function layout({ bytes }: Bench, p: Product) {
  const [xRows, xLength] = p.transposeX ? [p.depth, p.rows] : [p.rows, p.depth];
  const [yRows, yLength] = p.transposeY ? [p.columns, p.depth] : [p.depth, p.columns];
  const ldx = xLength + p.extra[0], ldy = yLength + p.extra[1], ldo = p.columns + p.extra[2];
  let end = 1024;
  const take = (size: number) => {
    const start = end;
    end = (end + size * bytes + 2 * SPARE + 63) & -64;
    return start + SPARE;
  };
  const x = take(xRows * ldx), y = take(yRows * ldy), out = take(p.rows * ldo);
  return { ldx, ldy, ldo, x, y, out, scratch: take(0), sizes: [xRows * ldx, yRows * ldy, p.rows * ldo] };
}

/** Fills the operands with small random numbers, which NaN surrounds. */
function fill(bench: Bench, p: Product, at: ReturnType<typeof layout>, seed: number): void {
  const { data, bytes } = bench;
  data.fill(NaN, 0, at.scratch / bytes + matmulScratchBytes(p.rows, p.depth, p.columns, bench.dtype) / bytes);
  let state = seed | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
  [at.x, at.y, at.out].forEach((start, i) => {
    for (let k = 0; k < at.sizes[i]!; k++) data[start / bytes + k] = next();
  });
}

function multiply(
  { kernels }: Bench,
  p: Product,
  at: ReturnType<typeof layout>,
  rows: number[],
  columns: number[],
  bytes: number,
) {
  const [row, rowEnd] = rows as [number, number], [column, columnEnd] = columns as [number, number];
  kernels.matmul(
    at.x + row * (p.transposeX ? 1 : at.ldx) * bytes,
    at.y + column * (p.transposeY ? at.ldy : 1) * bytes,
    at.out + (row * at.ldo + column) * bytes,
    rowEnd - row,
    p.depth,
    columnEnd - column,
    at.ldx,
    at.ldy,
    at.ldo,
    p.transposeX ? 1 : 0,
    p.transposeY ? 1 : 0,
    p.accumulate ? 1 : 0,
    at.scratch,
  );
}

/** The whole memory of the result after a product, and what it should be. */
function run(bench: Bench, p: Product, seed: number): { actual: number[]; expected: number[]; size: number } {
  const { data, bytes } = bench;
  const at = layout(bench, p);
  fill(bench, p, at, seed);
  const from = at.out / bytes - 16, to = from + at.sizes[2]! + 32;
  const expected = Array.from(data.subarray(from, to));
  for (let i = 0; i < p.rows; i++) {
    for (let j = 0; j < p.columns; j++) {
      let sum = 0;
      for (let k = 0; k < p.depth; k++) {
        const a = data[at.x / bytes + (p.transposeX ? k * at.ldx + i : i * at.ldx + k)]!;
        const b = data[at.y / bytes + (p.transposeY ? j * at.ldy + k : k * at.ldy + j)]!;
        sum += a * b;
      }
      const o = 16 + i * at.ldo + j;
      expected[o] = sum + (p.accumulate ? expected[o]! : 0);
    }
  }
  multiply(bench, p, at, [0, p.rows], [0, p.columns], bytes);
  return { actual: Array.from(data.subarray(from, to)), expected, size: p.depth };
}

function check(bench: Bench, p: Product, seed: number): void {
  const { actual, expected } = run(bench, p, seed);
  const tolerance = (bench.dtype === "float32" ? 1e-6 : 1e-15) * (1 + p.depth / 4);
  actual.forEach((value, i) => {
    const wanted = expected[i]!;
    if (!(Math.abs(value - wanted) <= tolerance) && !(Number.isNaN(value) && Number.isNaN(wanted))) {
      throw new Error(`${JSON.stringify(p)}: element ${i - 16} is ${value}, expected ${wanted}`);
    }
  });
}

const length = fc.oneof(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 9 }));
const product: fc.Arbitrary<Product> = fc.record({
  rows: length,
  depth: length,
  columns: length,
  extra: fc.tuple(fc.nat(5), fc.nat(5), fc.constantFrom(0, 0, 3)) as fc.Arbitrary<[number, number, number]>,
  transposeX: fc.boolean(),
  transposeY: fc.boolean(),
  accumulate: fc.boolean(),
});

const LARGE = [
  [64, 784, 128],
  [784, 64, 128],
  [64, 128, 10],
  [64, 10, 128],
  [1, 300, 600],
  [600, 300, 1],
  [600, 1, 1],
  [23, 257, 47],
  [24, 256, 48],
  [25, 513, 49],
  [130, 17, 530],
  [300, 2, 3],
  [2, 700, 2],
] as const;

for (const { name, bench } of benches) {
  Deno.test(`matmul in WebAssembly agrees with sums of products, ${name}`, () => {
    fc.assert(fc.property(product, fc.nat(), (p, seed) => check(bench, p, seed)), { numRuns: 400 });
  });

  for (const [rows, depth, columns] of LARGE) {
    Deno.test(`matmul in WebAssembly of [${rows}, ${depth}] and [${depth}, ${columns}] is right, ${name}`, () => {
      for (let bits = 0; bits < 8; bits++) {
        const [transposeX, transposeY, accumulate] = [1, 2, 4].map((bit) => (bits & bit) > 0) as [
          boolean,
          boolean,
          boolean,
        ];
        check(bench, { rows, depth, columns, extra: [0, 0, 0], transposeX, transposeY, accumulate }, bits);
      }
    });
  }

  Deno.test(`matmul in WebAssembly gives the same bits however the result is divided, ${name}`, () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 140 }), fc.integer({ min: 1, max: 9 }));
    const depth = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 250, max: 600 }));
    const parts = fc.tuple(fc.nat(1000), fc.nat(1000));
    fc.assert(
      fc.property(product, size, depth, size, parts, fc.nat(), (base, rows, depth, columns, [a, b], seed) => {
        const p = { ...base, rows, depth, columns };
        const at = layout(bench, p);
        const result = () =>
          Array.from(bench.data.subarray(at.out / bench.bytes, at.out / bench.bytes + at.sizes[2]!));
        fill(bench, p, at, seed);
        multiply(bench, p, at, [0, rows], [0, columns], bench.bytes);
        const whole = result();
        fill(bench, p, at, seed);
        const row = a % rows, column = b % columns;
        for (const rs of [[0, row], [row, rows]]) {
          for (const cs of [[0, column], [column, columns]]) multiply(bench, p, at, rs, cs, bench.bytes);
        }
        assertEquals(result(), whole);
      }),
      { numRuns: 150 },
    );
  });

  Deno.test(`matmul of an operand that is packed before gives the same bits, by parts of the rows too, ${name}`, () => {
    const size = fc.oneof(fc.integer({ min: 2, max: 140 }), fc.integer({ min: 2, max: 9 }));
    const depth = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 250, max: 600 }));
    const { data, bytes, dtype, kernels } = bench;
    fc.assert(
      fc.property(
        product,
        size,
        depth,
        size,
        fc.nat(1000),
        fc.nat(),
        (base, rows, depth, columns, part, seed) => {
          const p = { ...base, rows, depth, columns, accumulate: false };
          const at = layout(bench, p);
          const [from, to] = [at.out / bytes - 16, at.out / bytes + at.sizes[2]! + 16];
          fill(bench, p, at, seed);
          multiply(bench, p, at, [0, rows], [0, columns], bytes);
          const whole = data.slice(from, to);
          fill(bench, p, at, seed);
          const packed = at.scratch + packedScratchBytes(depth);
          data.fill(NaN, packed / bytes, (packed + packedBytes(depth, columns, dtype)) / bytes);
          const panel = packedBytes(depth, 1, dtype);
          kernels.plain["packRight"]!(
            at.y,
            at.ldy * bytes,
            p.transposeY ? 1 : 0,
            depth,
            columns,
            packed,
            panel,
          );
          const row = part % rows;
          for (const [first, last] of row === 0 ? [[0, rows]] : [[0, row], [row, rows]]) {
            kernels.plain["matmulPacked"]!(
              at.x + first! * (p.transposeX ? 1 : at.ldx) * bytes,
              packed,
              at.out + first! * at.ldo * bytes,
              last! - first!,
              depth,
              columns,
              at.ldx,
              at.ldo,
              p.transposeX ? 1 : 0,
              at.scratch,
            );
          }
          assertEquals(data.slice(from, to), whole);
        },
      ),
      { numRuns: 150 },
    );
  });
}
