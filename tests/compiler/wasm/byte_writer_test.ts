import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import { ByteWriter } from "../../../src/compiler/wasm/byte_writer.ts";

/** What a write leaves. */
function written(write: (to: ByteWriter) => void): number[] {
  const writer = new ByteWriter();
  write(writer);
  assertEquals(writer.finish().length, writer.length);
  return [...writer.finish()];
}

Deno.test("ByteWriter writes unsigned LEB128 of any size", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
    const bytes = written((to) => to.unsigned(value));
    assertEquals(bytes.reduceRight((rest, byte) => rest * 128 + (byte & 127), 0), value);
    assertEquals(bytes.length, Math.max(1, Math.ceil(Math.log2(value + 1) / 7)));
  }));
});

Deno.test("ByteWriter writes signed LEB128 of any size, as short as it can be", () => {
  fc.assert(fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
    const bytes = written((to) => to.signed(value));
    const bits = BigInt.asIntN(7 * bytes.length, bytes.reduceRight((r, b) => r * 128n + BigInt(b & 127), 0n));
    assertEquals(bits, BigInt(value));
    const needed = 1 + Math.ceil(Math.log2(value < 0 ? -value : value + 1));
    assertEquals(bytes.length, Math.max(1, Math.ceil(needed / 7)));
    assertEquals(bytes.map((byte) => byte > 127), bytes.map((_, i) => i < bytes.length - 1));
  }));
});

Deno.test("ByteWriter writes floats as they are, NaN and -0 too, and names in UTF-8", () => {
  for (const value of [0, -0, NaN, Infinity, 1.1, 5e-324]) {
    const view = new DataView(Uint8Array.from(written((to) => to.float64(value))).buffer);
    assertEquals(view.getFloat64(0, true), value);
    const narrow = new DataView(Uint8Array.from(written((to) => to.float32(value))).buffer);
    assertEquals(narrow.getFloat32(0, true), Math.fround(value));
  }
  assertEquals(written((to) => to.name("\u00e9")), [2, 0xc3, 0xa9]);
});

Deno.test("ByteWriter grows as far as it must, by bytes, numbers and what another wrote", () => {
  const bytes = Array.from({ length: 5000 }, (_, i) => i & 255);
  const all = written((to) => {
    to.byte(7);
    to.bytes(bytes);
    for (let i = 0; i < 3000; i++) to.byte(i & 255);
    to.append(to);
    for (let i = 0; i < 5000; i++) to.float64(i);
  });
  assertEquals(all.slice(0, 8001), [7, ...bytes, ...bytes.slice(0, 3000)]);
  assertEquals(all.slice(8001, 16_002), all.slice(0, 8001));
  assertEquals(all.length, 2 * 8001 + 40_000);
});

Deno.test("ByteWriter moves what was written last to before what was written first", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(), fc.nat(), (bytes, a, b) => {
    const [to, from] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y) as [
      number,
      number,
    ];
    const moved = written((writer) => {
      writer.bytes(bytes);
      writer.moveBack(from, to);
    });
    assertEquals(moved, [...bytes.slice(0, to), ...bytes.slice(from), ...bytes.slice(to, from)]);
  }));
});
