import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4.3.0";
import { NdArray, variable } from "../../mod.ts";
import {
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  parseNpy,
  parseNpz,
  parseSafetensors,
  readNpz,
  readSafetensors,
  writeNpz,
  writeSafetensors,
} from "../../src/formats/mod.ts";
import { findPython } from "../python.ts";

/** Any array: up to three axes, both dtypes, any number. */
const arrays = fc.tuple(fc.array(fc.nat(4), { maxLength: 3 }), fc.boolean(), fc.infiniteStream(fc.double()))
  .map((
    [shape, wide, numbers],
  ) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Array.from({ length: size }, () => numbers.next().value!);
    return new NdArray(wide ? Float64Array.from(data) : Float32Array.from(data), shape);
  });
const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 9 }).filter((name) => !/^__/.test(name)),
  fc.constantFrom("constructor", "valueOf", "prototype", "toString"),
);

Deno.test("arrays are the same after a round trip through .npy", () => {
  fc.assert(fc.property(arrays, (x) => assertEquals(parseNpy(encodeNpy(x)), x)));
});

Deno.test("dictionaries are the same after a round trip through safetensors", () => {
  const metadata = fc.dictionary(names, fc.string());
  fc.assert(fc.property(fc.dictionary(names, arrays), metadata, (tensors, notes) => {
    const read = parseSafetensors(encodeSafetensors(tensors, notes));
    const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1);
    assertEquals([sorted(read.tensors), sorted(read.metadata)], [sorted(tensors), sorted(notes)]);
  }));
});

for (const compress of [false, true]) {
  Deno.test(`dictionaries are the same after a round trip through .npz, compressed: ${compress}`, async () => {
    const plain = fc.string({ minLength: 1, maxLength: 9, unit: fc.constantFrom(..."abcXYZ_019") });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(plain, arrays), async (all) => {
        assertEquals({ ...await parseNpz(await encodeNpz(all, { compress })) }, { ...all });
      }),
      { numRuns: 50 },
    );
  });
}

Deno.test("Variables, nested numbers and typed arrays are written too", () => {
  const { tensors } = parseSafetensors(
    encodeSafetensors({ a: variable([1, 2]), b: [[3]], c: Uint8Array.of(4), d: 5 }),
  );
  assertEquals(Object.entries(tensors).map(([name, x]) => [name, x.toNested(), x.dtype]), [
    ["a", [1, 2], "float64"],
    ["b", [[3]], "float64"],
    ["d", 5, "float64"],
    ["c", [4], "float32"],
  ]);
});

/** A safetensors file with any header. */
function file(header: unknown, data: number[] = [], length?: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}
const tensor = (from: number, to: number, shape: number[] = [1], dtype = "U8") => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

Deno.test("every element type is read: halves, brain floats, integers, booleans", () => {
  const header = {
    half: tensor(0, 6, [3], "F16"),
    brain: tensor(6, 8, [1], "BF16"),
    bool: tensor(8, 10, [2], "BOOL"),
    i64: tensor(10, 18, [1], "I64"),
    i32: tensor(18, 22, [1], "I32"),
    u16: tensor(22, 24, [1], "U16"),
    i8: tensor(24, 25, [1], "I8"),
  };
  const data = [
    0,
    0x3c,
    1,
    0,
    0,
    0xfc,
    0x80,
    0x3f,
    0,
    7,
    255,
    255,
    255,
    255,
    255,
    255,
    255,
    255,
    0,
    0,
    0,
    128,
    1,
    2,
    254,
  ];
  const { tensors } = parseSafetensors(file(header, data));
  assertEquals(Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.toNested()])), {
    half: [1, 2 ** -24, -Infinity],
    brain: [1],
    bool: [0, 1],
    i64: [-1],
    i32: [-(2 ** 31)],
    u16: [513],
    i8: [-2],
  });
  const large = file({ x: tensor(0, 8, [1], "U64") }, new Array(8).fill(255));
  assertThrows(() => parseSafetensors(large), RangeError, "numbers hold integers exactly up to 2^53");
});

const HOSTILE: readonly (readonly [string, Uint8Array, string])[] = [
  ["no bytes", new Uint8Array(0), "it has 0 bytes"],
  ["a length beyond the end", file({}, [], 99), "the header should take 99 bytes"],
  ["a header that claims 100 MB", file({}, [], 100_000_001), "the header should take 100000001 bytes"],
  ["no JSON", file("{nope"), "the header is no JSON"],
  ["no object", file("[1]"), "the header is no object"],
  ["an unknown dtype", file({ a: tensor(0, 1, [1], "F8") }, [0]), 'elements of type "F8"'],
  [
    "a dtype named like a method",
    file({ a: tensor(0, 1, [1], "toString") }, [0]),
    'elements of type "toString"',
  ],
  ["offsets that overlap", file({ a: tensor(0, 1), b: tensor(0, 1) }, [0]), "after one that ends at 1"],
  ["a gap", file({ a: tensor(1, 2) }, [0, 0]), "can't lie from byte 1 to 2"],
  ["offsets out of range", file({ a: tensor(0, 9, [9]) }, [0]), "can't lie from byte 0 to 9 of 1"],
  ["offsets that fall", file({ a: tensor(1, 0) }, [0]), "can't lie"],
  ["fractions", file({ a: tensor(0, 0.5) }, [0]), "data_offsets"],
  ["negative lengths", file({ a: tensor(0, 1, [-1]) }, [0]), "shape"],
  ["absurd lengths", file({ a: tensor(0, 1, [2 ** 40, 2 ** 40]) }, [0]), "can't lie"],
  ["bytes left over", file({ a: tensor(0, 1) }, [0, 0]), "the tensors take 1 bytes, there are 2"],
  [
    "a name twice",
    file(
      '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
    ),
    'names "a" twice',
  ],
  [
    "a field twice",
    file('{"a":{"dtype":"U8","shape":[0],"shape":[1],"data_offsets":[0,0]}}'),
    'names "shape" twice',
  ],
  [
    "the name __proto__",
    file('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    "__proto__ is no name",
  ],
  ["metadata that is no text", file({ __metadata__: { a: 1 } }), "the header is wrong, at __metadata__.a"],
];
for (const [name, bytes, expected] of HOSTILE) {
  Deno.test(`parseSafetensors() refuses ${name}`, () => {
    assertThrows(() => parseSafetensors(bytes), SyntaxError, expected);
  });
}

/** What is asked of a reader for any bytes: the arrays, or an error in our words. */
async function survives(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): Promise<void> {
  try {
    await parse(bytes);
  } catch (error) {
    const isOurs =
      (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) &&
      error.message.startsWith("Cannot read");
    if (!isOurs) throw error;
  }
}

/** A file with some bytes changed, cut off or put in. */
const damage = (bytes: Uint8Array) =>
  fc.tuple(
    fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }),
    fc.nat(bytes.length),
    fc.uint8Array({ maxLength: 9 }),
    fc.boolean(),
  ).map(([flips, at, inserted, cut]) => {
    const copy = bytes.slice();
    for (const [i, byte] of flips) copy[i] = byte;
    return cut
      ? copy.subarray(0, at)
      : Uint8Array.from([...copy.subarray(0, at), ...inserted, ...copy.subarray(at)]);
  });

const SAMPLE = { a: [[1, 2], [3, 4]], b: Float32Array.of(5, 6) };
const READERS: readonly (readonly [string, (bytes: Uint8Array) => unknown, Uint8Array])[] = [
  ["parseNpy", parseNpy, encodeNpy(SAMPLE.a)],
  ["parseSafetensors", parseSafetensors, encodeSafetensors(SAMPLE, { k: "v" })],
  ["parseNpz", parseNpz, await encodeNpz(SAMPLE, { compress: true })],
  ["parseNpz of stored members", parseNpz, await encodeNpz(SAMPLE)],
];
for (const [name, parse, bytes] of READERS) {
  Deno.test(`${name}() gives arrays or an error of ours for damaged bytes`, async () => {
    await fc.assert(fc.asyncProperty(damage(bytes), (damaged) => survives(parse, damaged)), { numRuns: 500 });
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (any) => survives(parse, any)));
  });
}

Deno.test("parseNpy() refuses objects, texts and records, and lengths that do not fit", () => {
  const npy = (header: string, data: number[] = []): Uint8Array => {
    const text = new TextEncoder().encode(header);
    return Uint8Array.from([
      0x93,
      ...new TextEncoder().encode("NUMPY"),
      1,
      0,
      text.length,
      0,
      ...text,
      ...data,
    ]);
  };
  const header = (descr: string, shape = "1,") =>
    `{'descr': ${descr}, 'fortran_order': False, 'shape': (${shape}), }\n`;
  const cases: readonly [Uint8Array, typeof TypeError | typeof SyntaxError, string][] = [
    [npy(header("'|O'")), TypeError, 'elements of type "|O"'],
    [npy(header("'<U5'")), TypeError, 'elements of type "<U5"'],
    [npy(header("'<c16'")), TypeError, 'elements of type "<c16"'],
    [npy(header("[('x', '<f8')]")), TypeError, "records have no counterpart"],
    [npy(header("'<f8'", "2, 3"), [1]), SyntaxError, "shape [2, 3] takes 48 bytes, there are 1"],
    [npy(header("'<f8'", "99999999999999, 9")), SyntaxError, "takes"],
    [npy("{'descr': __import__('os')}"), SyntaxError, "the header is"],
    [Uint8Array.of(1, 2, 3), SyntaxError, "no .npy file"],
  ];
  for (const [bytes, type, text] of cases) assertThrows(() => parseNpy(bytes), type, text);
  assertEquals(parseNpy(npy(header("'>i2'", "2,"), [1, 2, 255, 255])).toNested(), [258, -1]);
  const fortran = npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [1, 2, 3, 4, 5, 6]);
  assertEquals(parseNpy(fortran).toNested(), [[1, 3, 5], [2, 4, 6]]);
});

Deno.test("what can't be written is refused by name", () => {
  const write = (tensors: unknown, metadata?: unknown) => () =>
    encodeSafetensors(tensors as never, metadata as never);
  assertThrows(write({ a: "text" }), TypeError, 'Cannot read "text" as an array');
  assertThrows(write([1]), TypeError, "expected an object of arrays");
  assertThrows(write({ __metadata__: [1] }), TypeError, "Cannot write a tensor __metadata__");
  assertThrows(write({}, { a: 1 }), TypeError, 'Cannot write the metadata "a": it is 1');
});

const granted = (await Deno.permissions.query({ name: "write" })).state === "granted";

Deno.test({ name: "files are read back, and a failed write leaves no trace", ignore: !granted }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeSafetensors(`${folder}/a.safetensors`, SAMPLE, { k: "v" });
    assertEquals((await readSafetensors(`${folder}/a.safetensors`)).tensors["b"]!.toNested(), [5, 6]);
    await writeNpz(`${folder}/a.npz`, SAMPLE);
    assertEquals((await readNpz(`${folder}/a.npz`))["a"]!.toNested(), SAMPLE.a);
    await Deno.mkdir(`${folder}/taken`);
    await assertRejects(() => writeNpz(`${folder}/taken`, SAMPLE));
    const left = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
    assertEquals(left, ["a.npz", "a.safetensors", "taken"]);
    await Deno.writeTextFile(`${folder}/bad`, "12345678");
    await assertRejects(() => readSafetensors(`${folder}/bad`), SyntaxError, `Cannot read ${folder}/bad`);
    await assertRejects(() => readNpz(`${folder}/none`), Deno.errors.NotFound, "there is no such file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const python = await findPython("numpy", "safetensors");
Deno.test({
  name:
    "Python reads what is written here, and the other way round (needs Python with numpy and safetensors)",
  ignore: python === undefined || !granted,
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const all = { a: [[1.5, -2], [3, 4]], b: Float32Array.of(5, 6), s: 7 };
    await writeSafetensors(`${folder}/a.safetensors`, all, { k: "v" });
    await writeNpz(`${folder}/a.npz`, all, { compress: true });
    const printed = await python!.run(
      `
import sys, json, numpy as np
from safetensors.numpy import load_file, save_file
from safetensors import safe_open
folder = sys.argv[1]
show = lambda d: {k: [str(d[k].dtype), d[k].tolist()] for k in sorted(d)}
with safe_open(folder + "/a.safetensors", "np") as f: metadata = f.metadata()
print(json.dumps([show(load_file(folder + "/a.safetensors")), show(dict(np.load(folder + "/a.npz"))), metadata]))
x = {"f16": np.array([1.5, -0.25], np.float16), "i64": np.array([[1], [-2]], np.int64), "b": np.array([True, False])}
save_file(x, folder + "/b.safetensors")
np.savez_compressed(folder + "/b.npz", fortran=np.asfortranarray(np.arange(6.0).reshape(2, 3)), big=np.arange(3, dtype=">i4"))
`,
      folder,
    );
    const expected = { a: ["float64", all.a], b: ["float32", [5, 6]], s: ["float64", 7] };
    assertEquals(JSON.parse(printed), [expected, expected, { k: "v" }]);
    const nested = (x: Record<string, NdArray>) =>
      Object.fromEntries(Object.entries(x).map(([k, v]) => [k, v.toNested()]));
    assertEquals(nested((await readSafetensors(`${folder}/b.safetensors`)).tensors), {
      b: [1, 0],
      f16: [1.5, -0.25],
      i64: [[1], [-2]],
    });
    assertEquals(nested(await readNpz(`${folder}/b.npz`)), {
      fortran: [[0, 1, 2], [3, 4, 5]],
      big: [0, 1, 2],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
