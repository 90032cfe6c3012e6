import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import { ByteWriter, OPCODES, scalarModule } from "../../../src/compiler/scalar/assembler.ts";

/** A body written by hand: what the writer is given, as the instructions of one function. */
function body(
  localCount: number,
  write: (code: ByteWriter) => void,
): { localCount: number; code: Uint8Array } {
  const code = new ByteWriter();
  write(code);
  return { localCount, code: code.finish() };
}

const load = (code: ByteWriter, place: number): void => {
  code.byte(OPCODES.localGet);
  code.unsigned(0);
  code.byte(OPCODES.f64Load);
  code.byte(3);
  code.unsigned(8 * place);
};
const store = (code: ByteWriter, place: number): void => {
  code.byte(OPCODES.f64Store);
  code.byte(3);
  code.unsigned(8 * place);
};

Deno.test("ByteWriter writes unsigned LEB128 of any size", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
    const writer = new ByteWriter();
    writer.unsigned(value);
    const read = [...writer.finish()].reduceRight((rest, byte) => rest * 128 + (byte & 127), 0);
    assertEquals(read, value);
    assertEquals(writer.length, Math.max(1, Math.ceil(Math.log2(value + 1) / 7)));
  }));
});

Deno.test("ByteWriter writes float64 as it is, NaN and -0 too, and names in UTF-8", () => {
  for (const value of [0, -0, NaN, Infinity, 1.1, 5e-324]) {
    const writer = new ByteWriter();
    writer.float64(value);
    assertEquals(new DataView(writer.finish().buffer).getFloat64(0, true), value);
  }
  const writer = new ByteWriter();
  writer.name("\u00e9");
  assertEquals([...writer.finish()], [2, 0xc3, 0xa9]);
});

Deno.test("ByteWriter grows as far as it must", () => {
  const writer = new ByteWriter();
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i & 255);
  writer.byte(7);
  writer.bytes(bytes);
  for (let i = 0; i < 3000; i++) writer.byte(i & 255);
  const all = writer.finish();
  assertEquals([all.length, all[0], all[5000], all[8000]], [8001, 7, 4999 & 255, 2999 & 255]);
});

Deno.test("scalarModule() runs its bodies in turn, with imports, locals and the memory it is given", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  const first = body(2, (code) => {
    // local 2 = f(a, b); a * 2 into place 2
    code.byte(OPCODES.localGet);
    code.unsigned(0);
    load(code, 0);
    load(code, 1);
    code.byte(OPCODES.call);
    code.unsigned(0);
    code.byte(OPCODES.localTee);
    code.unsigned(2);
    code.byte(OPCODES.localGet);
    code.unsigned(2);
    code.byte(OPCODES.f64Add);
    store(code, 2);
  });
  const second = body(0, (code) => {
    code.byte(OPCODES.localGet);
    code.unsigned(0);
    load(code, 2);
    code.byte(OPCODES.f64Const);
    code.float64(-0.5);
    code.byte(OPCODES.f64Mul);
    store(code, 3);
  });
  const bytes = scalarModule([{ name: "hypot", arity: 2 }], [first, second], { initial: 1, maximum: 65535 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory, hypot: Math.hypot },
  });
  const values = new Float64Array(memory.buffer, 64, 4);
  values.set([3, 4]);
  (exports["run"] as (address: number) => void)(64);
  assertEquals([...values], [3, 4, 10, -5]);
});

Deno.test("scalarModule() takes hundreds of bodies and large offsets", () => {
  const memory = new WebAssembly.Memory({ initial: 40, maximum: 40, shared: true });
  const last = 300_000;
  const bodies = Array.from({ length: 300 }, (_, i) =>
    body(0, (code) => {
      code.byte(OPCODES.localGet);
      code.unsigned(0);
      load(code, i === 0 ? 0 : last + i - 1);
      code.byte(OPCODES.f64Const);
      code.float64(1);
      code.byte(OPCODES.f64Add);
      store(code, last + i);
    }));
  const module = new WebAssembly.Module(scalarModule([], bodies, { initial: 1, maximum: 65535 }));
  (new WebAssembly.Instance(module, { env: { memory } }).exports["run"] as (address: number) => void)(0);
  assertEquals(new Float64Array(memory.buffer)[last + 299], 300);
});
