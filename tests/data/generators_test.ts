import {
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  makeBlobs,
  makeCircles,
  makeDigits,
  makeMoons,
  makeRegression,
  makeSpirals,
  parseIdx,
  readIdx,
} from "../../src/data/mod.ts";

const MAKERS = {
  makeMoons,
  makeCircles,
  makeSpirals,
  makeBlobs,
  makeRegression,
  makeDigits: (options: { count?: number; seed?: number }) => makeDigits({ ...options, size: 12 }),
};
for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}() gives the same examples for the same seed, finite float32`, () => {
    const { features, labels } = make({ count: 30, seed: 4 });
    assertEquals([features.shape[0], labels.shape, features.dtype, labels.dtype], [
      30,
      [30],
      "float32",
      "float32",
    ]);
    assertEquals(features.data.every(Number.isFinite), true);
    assertEquals(make({ count: 30, seed: 4 }).features, features);
    assertNotEquals(make({ count: 30, seed: 5 }).features, features);
    assertThrows(() => make({ count: 0 }), RangeError, "the option count is 0");
    assertThrows(() => make({ amount: 3 } as never), TypeError, "amount");
  });
}

Deno.test("classes are of the same size, or one more", () => {
  const sizes = (labels: { data: ArrayLike<number> }, classes: number) =>
    Array.from({ length: classes }, (_, k) => Array.from(labels.data).filter((x) => x === k).length);
  assertEquals(sizes(makeMoons({ count: 101 }).labels, 2), [51, 50]);
  assertEquals(sizes(makeSpirals({ count: 90, classes: 3 }).labels, 3), [30, 30, 30]);
  assertEquals(sizes(makeDigits({ count: 25, size: 12 }).labels, 10), [3, 3, 3, 3, 3, 2, 2, 2, 2, 2]);
});

Deno.test("circles without noise have radius 1 and 0.5, spirals fit into the unit circle", () => {
  const { features, labels } = makeCircles({ noise: 0 });
  for (let i = 0; i < 200; i++) {
    const radius = Math.hypot(features.data[2 * i]!, features.data[2 * i + 1]!);
    assertLess(Math.abs(radius - (labels.data[i] === 0 ? 1 : 0.5)), 1e-6);
  }
  const spirals = makeSpirals({ noise: 0, classes: 3 }).features.data;
  for (let i = 0; i < spirals.length; i += 2) assertLess(Math.hypot(spirals[i]!, spirals[i + 1]!), 1.0001);
});

Deno.test("makeRegression() says which relation its targets follow", () => {
  const { features, labels, weights, bias } = makeRegression({ count: 50, dimensions: 3, noise: 0 });
  for (let i = 0; i < 50; i++) {
    const sum = Array.from(weights.data).reduce((s, w, k) => s + w * features.data[3 * i + k]!, bias);
    assertLess(Math.abs(sum - labels.data[i]!), 1e-5);
  }
});

Deno.test("made-up digits are mostly dark, with strokes in the middle", () => {
  const { features } = makeDigits({ count: 40, noise: 0 });
  const [rows, size] = features.shape as [number, number];
  for (let i = 0; i < rows; i++) {
    const picture = features.data.subarray(i * size * size, (i + 1) * size * size);
    const lit = picture.filter((x) => x > 0.5).length / picture.length;
    assertGreater(lit, 0.03);
    assertLess(lit, 0.35);
    assertEquals(picture.subarray(0, size).every((x) => x < 0.5), true);
  }
});

/** An IDX file. */
const idx = (code: number, shape: number[], ...bytes: number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([0, 0, code, shape.length, ...shape.flatMap((n) => [0, 0, 0, n]), ...bytes]);

Deno.test("parseIdx() reads every element type, big-endian", () => {
  assertEquals(parseIdx(idx(8, [1, 2], 255, 1)).toNested(), [[255, 1]]);
  assertEquals(parseIdx(idx(9, [2], 255, 1)).toNested(), [-1, 1]);
  assertEquals(parseIdx(idx(11, [1], 255, 254)).toNested(), [-2]);
  assertEquals(parseIdx(idx(12, [1], 0x7f, 0xff, 0xff, 0xff)).toNested(), [2 ** 31 - 1]);
  assertEquals(parseIdx(idx(13, [1], 0x3f, 0xc0, 0, 0)).toNested(), [1.5]);
  assertEquals(parseIdx(idx(14, [1], 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)).toNested(), [1.5]);
});

Deno.test("parseIdx() refuses other files, and lengths that do not fit", () => {
  const cases: readonly [Uint8Array, string][] = [
    [Uint8Array.of(), "no IDX file"],
    [Uint8Array.of(1, 2, 3, 4), "no IDX file"],
    [idx(10, [1], 0), "no IDX file"],
    [idx(8, [3], 0), "shape [3] takes 11 bytes, there are 9"],
    [Uint8Array.of(0, 0, 8, 2, 0, 0), "the header says 2 axes"],
    [Uint8Array.of(0, 0, 8, 3, ...new Array(12).fill(255)), "takes"],
  ];
  for (const [bytes, text] of cases) assertThrows(() => parseIdx(bytes), SyntaxError, text);
  assertThrows(() => parseIdx([0] as never), TypeError, "expected a Uint8Array");
});

const granted = (await Deno.permissions.query({ name: "write" })).state === "granted";
Deno.test(
  { name: "readIdx() reads packed files too, and names damaged ones", ignore: !granted },
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".gz" });
    try {
      const packed = await new Response(
        new Blob([idx(8, [2], 3, 4)]).stream().pipeThrough(new CompressionStream("gzip")),
      ).bytes();
      await Deno.writeFile(path, packed);
      assertEquals((await readIdx(path)).toNested(), [3, 4]);
      await Deno.writeFile(path, packed.slice(0, -9));
      await assertRejects(() => readIdx(path), SyntaxError, "the gzip packing is damaged");
    } finally {
      await Deno.remove(path);
    }
    await assertRejects(() => readIdx(path), Deno.errors.NotFound, "there is no such file");
  },
);
