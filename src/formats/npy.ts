import { readBytes, writeBytes } from "../_internal/files.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { NdArray } from "../array/nd_array.ts";
import { type Shape, sizeOf } from "../array/shape.ts";
import { transposeArray } from "../array/strided_copy.ts";
import { bytesOf, ELEMENT_TYPES, type ElementType, readElements } from "./elements.ts";
import { readArray, type Writable } from "./_values.ts";

/** NumPy's name of an element type, without the sign of the byte order, and ours. */
const NAMES: { readonly [name: string]: ElementType } = {
  f8: ELEMENT_TYPES.F64,
  f4: ELEMENT_TYPES.F32,
  f2: ELEMENT_TYPES.F16,
  i8: ELEMENT_TYPES.I64,
  u8: ELEMENT_TYPES.U64,
  i4: ELEMENT_TYPES.I32,
  u4: ELEMENT_TYPES.U32,
  i2: ELEMENT_TYPES.I16,
  u2: ELEMENT_TYPES.U16,
  i1: ELEMENT_TYPES.I8,
  u1: ELEMENT_TYPES.U8,
  b1: ELEMENT_TYPES.BOOL,
};
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** The form in which NumPy writes headers. */
const HEADER =
  /^\{'descr': '([^']{1,16})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,16}, ?)*\d{0,16},?)\),? *\}\s*$/;

/**
 * Reads an array in NumPy's format (`.npy`, versions 1 to 3), in C or Fortran order, of either byte order.
 *
 * @param bytes The file
 * @returns The array: float64 for doubles and integers of 32 and 64 bits, float32 for all others
 * @throws {TypeError} If it is no Uint8Array, or holds objects, texts, dates or complex numbers
 * @throws {SyntaxError} If the bytes are something else, or too few or too many
 * @throws {RangeError} If a 64-bit integer is larger than a number holds exactly
 *
 * @example
 * ```ts
 * import { encodeNpy, parseNpy } from "@tapegrad/tapegrad/io";
 *
 * console.log(parseNpy(encodeNpy([[1, 2], [3, 4]])).toNested()); // [[1, 2], [3, 4]]
 * ```
 */
export function parseNpy(bytes: Uint8Array): NdArray {
  return parseNpyFrom(bytes, "the .npy bytes");
}

/** Reads an array that messages name by where it comes from. */
export function parseNpyFrom(bytes: Uint8Array, source: string): NdArray {
  const fail = (what: string): SyntaxError => new SyntaxError(message`Cannot read ${source}: ${what}`);
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(message`Cannot read ${source}: expected a Uint8Array, found ${describeValue(bytes)}`);
  }
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw fail("it is no .npy file, which starts with \\x93NUMPY");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw fail(`version ${version} of the format is unknown`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw fail(`it ends after ${bytes.length} bytes`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) {
    throw fail(`the header should take ${length} bytes, the file ends after ${bytes.length}`);
  }
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const { type, littleEndian, isFortran, shape } = readHeader(header, source, fail);
  const size = sizeOf(shape) * type.bytes;
  const rest = bytes.subarray(start + length);
  if (rest.length !== size) throw fail(message`shape ${shape} takes ${size} bytes, there are ${rest.length}`);
  const data = readElements(type, rest, littleEndian);
  if (!isFortran || shape.length < 2) return new NdArray(data, shape);
  return transposeArray(new NdArray(data, shape.toReversed()), shape.map((_, i) => shape.length - 1 - i));
}

/** What a header says: a Python literal, of which NumPy writes but one form. */
function readHeader(
  header: string,
  source: string,
  fail: (what: string) => SyntaxError,
): { type: ElementType; littleEndian: boolean; isFortran: boolean; shape: Shape } {
  const found = HEADER.exec(header);
  if (found === null) {
    if (!/'descr': \[/.test(header)) throw fail(`the header is ${describeValue(header.trim())}`);
    throw new TypeError(
      message`Cannot read ${source}: records have no counterpart here, write an array a field`,
    );
  }
  const [, name = "", order, lengths = ""] = found;
  const type = NAMES[name.slice(1)];
  if (type === undefined || !"<>|=".includes(name[0]!)) {
    throw new TypeError(
      message`Cannot read ${source}: elements of type ${
        describeValue(name)
      } have no counterpart here, use floats,
      integers or booleans`,
    );
  }
  const shape = lengths.split(",").map((text) => text.trim()).filter((text) => text !== "").map(Number);
  return { type, littleEndian: name[0] !== ">", isFortran: order === "True", shape };
}

/**
 * Writes an array in NumPy's format, in C order: float64 as `<f8`, float32 as `<f4`.
 *
 * @param array An NdArray, a Variable, nested arrays of numbers or a typed array
 * @returns The bytes of the file
 * @throws {TypeError} If it is something else
 *
 * @example
 * ```ts
 * import { encodeNpy } from "@tapegrad/tapegrad/io";
 *
 * console.log(encodeNpy([1, 2, 3]).length); // 152
 * ```
 */
export function encodeNpy(array: Writable): Uint8Array<ArrayBuffer> {
  const { data, dtype, shape } = readArray(array);
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${
    dtype === "float64" ? "<f8" : "<f4"
  }', 'fortran_order': False, 'shape': (${lengths}), }`;
  // The data starts at a multiple of 64 bytes, behind spaces and a line break.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - 11)}\n`), 10);
  bytes.set(bytesOf(data), start);
  return bytes;
}

/**
 * Reads a `.npy` file; see {@linkcode parseNpy}. Needs read permission.
 *
 * @param path The file
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {SyntaxError} As {@linkcode parseNpy}
 * @throws {TypeError} As {@linkcode parseNpy}
 *
 * @example
 * ```ts
 * import { readNpy, writeNpy } from "@tapegrad/tapegrad/io";
 *
 * const path = await Deno.makeTempFile({ suffix: ".npy" });
 * await writeNpy(path, [1, 2]);
 * console.log((await readNpy(path)).toNested()); // [1, 2]
 * await Deno.remove(path);
 * ```
 */
export async function readNpy(path: string | URL): Promise<NdArray> {
  return parseNpyFrom(await readBytes(path), String(path));
}

/**
 * Writes a `.npy` file; see {@linkcode encodeNpy}. The old file stays whole until the new one is written. Needs read
 * and write permission.
 *
 * @param path The file
 * @param array What is written
 * @throws {TypeError} If it is no array of numbers
 *
 * @example
 * ```ts
 * import { writeNpy } from "@tapegrad/tapegrad/io";
 *
 * const path = await Deno.makeTempFile({ suffix: ".npy" });
 * await writeNpy(path, [[0, 1]]);
 * await Deno.remove(path);
 * ```
 */
export async function writeNpy(path: string | URL, array: Writable): Promise<void> {
  await writeBytes(path, encodeNpy(array));
}
