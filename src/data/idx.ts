import { readBytes } from "../_internal/files.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { NdArray } from "../array/nd_array.ts";
import { sizeOf } from "../array/shape.ts";

/** What an element type of IDX is: its bytes, and how one is read (big-endian). */
const TYPES: {
  readonly [code: number]: readonly [bytes: number, read: (view: DataView, at: number) => number];
} = {
  0x08: [1, (view, at) => view.getUint8(at)],
  0x09: [1, (view, at) => view.getInt8(at)],
  0x0b: [2, (view, at) => view.getInt16(at)],
  0x0c: [4, (view, at) => view.getInt32(at)],
  0x0d: [4, (view, at) => view.getFloat32(at)],
  0x0e: [8, (view, at) => view.getFloat64(at)],
};

/**
 * Reads an array in the IDX format, that of the MNIST files: a big-endian header with element type and lengths, and the
 * elements.
 *
 * @param bytes The file, unpacked
 * @returns The array; float64 for 32-bit integers and doubles, float32 for all others
 * @throws {TypeError} If it is no Uint8Array
 * @throws {SyntaxError} If the bytes are something else, or too few or too many
 *
 * @example
 * ```ts
 * import { parseIdx } from "@tapegrad/tapegrad/data";
 *
 * console.log(parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)).toNested()); // [7, 9]
 * ```
 */
export function parseIdx(bytes: Uint8Array): NdArray {
  return parse(bytes, "the IDX bytes");
}

/**
 * Reads a file in the IDX format, packed with gzip or not; see {@linkcode parseIdx}. Needs read permission.
 *
 * @param path The file
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {SyntaxError} If it is something else
 *
 * @example
 * ```ts
 * import { readIdx } from "@tapegrad/tapegrad/data";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9));
 * console.log((await readIdx(path)).shape); // [2]
 * await Deno.remove(path);
 * ```
 */
export async function readIdx(path: string | URL): Promise<NdArray> {
  const bytes = await readBytes(path);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parse(isPacked ? await unpack(bytes, String(path)) : bytes, String(path));
}

function parse(bytes: Uint8Array, source: string): NdArray {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(message`Cannot read ${source}: expected a Uint8Array, found ${describeValue(bytes)}`);
  }
  const fail = (what: string): SyntaxError => new SyntaxError(message`Cannot read ${source}: ${what}`);
  const [zero0, zero1, code, rank] = bytes;
  const type = TYPES[code ?? 0];
  if (zero0 !== 0 || zero1 !== 0 || type === undefined || rank === undefined) {
    throw fail("it is no IDX file, which starts with two zeros and an element type");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw fail(`the header says ${rank} axes and ends after ${bytes.length} bytes`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const [size, read] = type;
  const count = sizeOf(shape);
  if (bytes.length !== start + count * size) {
    throw fail(message`shape ${shape} takes ${start + count * size} bytes, there are ${bytes.length}`);
  }
  const data = code === 0x0c || code === 0x0e ? new Float64Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, start + i * size);
  return new NdArray(data, shape);
}

async function unpack(bytes: Uint8Array<ArrayBuffer>, source: string): Promise<Uint8Array> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new SyntaxError(message`Cannot read ${source}: the gzip packing is damaged`, { cause: error });
  }
}
