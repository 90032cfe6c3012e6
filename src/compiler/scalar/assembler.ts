/**
 * Writes WebAssembly bytes for straight-line scalar code. Programs of thousands of rows have tens of thousands
 * of instructions, for which a library that makes an object of each is too slow; there are no blocks, no types
 * but f64 and i32, and so little to write.
 */

/** The instructions used, by their bytes. */
export const OPCODES = {
  end: 0x0b,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  f64Load: 0x2b,
  f32Load: 0x2a,
  f64Store: 0x39,
  f32Store: 0x38,
  f64Const: 0x44,
  i32Eqz: 0x45,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  f64Abs: 0x99,
  f64Neg: 0x9a,
  f64Ceil: 0x9b,
  f64Floor: 0x9c,
  f64Trunc: 0x9d,
  f64Nearest: 0x9e,
  f64Sqrt: 0x9f,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  f64Min: 0xa4,
  f64Max: 0xa5,
  f64ConvertI32: 0xb7,
  f32Demote: 0xb6,
  f64Promote: 0xbb,
} as const;

const TYPES = { i32: 0x7f, f64: 0x7c } as const;

/** Bytes that grow. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  /** How many bytes have been written. */
  length = 0;

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + count));
    bytes.set(this.#bytes.subarray(0, this.length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** Writes an unsigned integer in LEB128. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Writes a float64. */
  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Writes a text with its length. */
  name(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.unsigned(bytes.length);
    this.bytes(bytes);
  }

  /** Writes bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What has been written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
}

/** A function of plain numbers that the code calls. */
export interface ScalarImport {
  readonly name: string;
  readonly arity: number;
}

/** The body of a function that takes the address of its values and returns nothing. */
export interface ScalarBody {
  /** How many f64 locals it has; they follow the address, which is local 0. */
  readonly localCount: number;
  /** Its instructions, without the end. */
  readonly code: Uint8Array;
}

/** Puts bodies together to a module that exports one function, `run(address)`, which calls them in turn. */
export function scalarModule(
  imports: readonly ScalarImport[],
  bodies: readonly ScalarBody[],
  memory: { readonly initial: number; readonly maximum: number },
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const section = (id: number, write: (to: ByteWriter) => void): void => {
    const content = new ByteWriter();
    write(content);
    out.byte(id);
    out.unsigned(content.length);
    out.bytes(content.finish());
  };
  section(1, (to) => {
    to.unsigned(4);
    for (let arity = 1; arity <= 3; arity++) {
      to.byte(0x60);
      to.unsigned(arity);
      for (let i = 0; i < arity; i++) to.byte(TYPES.f64);
      to.unsigned(1);
      to.byte(TYPES.f64);
    }
    to.byte(0x60);
    to.unsigned(1);
    to.byte(TYPES.i32);
    to.unsigned(0);
  });
  section(2, (to) => {
    to.unsigned(imports.length + 1);
    to.name("env");
    to.name("memory");
    to.bytes(Uint8Array.of(2, 3));
    to.unsigned(memory.initial);
    to.unsigned(memory.maximum);
    for (const { name, arity } of imports) {
      to.name("env");
      to.name(name);
      to.byte(0);
      to.unsigned(arity - 1);
    }
  });
  section(3, (to) => {
    to.unsigned(bodies.length + 1);
    for (let i = 0; i <= bodies.length; i++) to.unsigned(3);
  });
  section(7, (to) => {
    to.unsigned(1);
    to.name("run");
    to.byte(0);
    to.unsigned(imports.length + bodies.length);
  });
  section(10, (to) => {
    to.unsigned(bodies.length + 1);
    const caller = new ByteWriter();
    bodies.forEach((_, i) => {
      caller.byte(OPCODES.localGet);
      caller.unsigned(0);
      caller.byte(OPCODES.call);
      caller.unsigned(imports.length + i);
    });
    for (const { localCount, code } of [...bodies, { localCount: 0, code: caller.finish() }]) {
      const body = new ByteWriter();
      body.unsigned(localCount > 0 ? 1 : 0);
      if (localCount > 0) {
        body.unsigned(localCount);
        body.byte(TYPES.f64);
      }
      body.bytes(code);
      body.byte(OPCODES.end);
      to.unsigned(body.length);
      to.bytes(body.finish());
    }
  });
  return out.finish();
}
