import * as v from "npm:valibot@1.1.0";
import { readBytes, writeBytes } from "../_internal/files.ts";
import { isPlainObject } from "../_internal/containers.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { NdArray } from "../array/nd_array.ts";
import { sizeOf } from "../array/shape.ts";
import { readArrays, type Writable } from "./_values.ts";
import { bytesOf, ELEMENT_TYPES, type ElementName, readElements } from "./elements.ts";
import { repeatedKey } from "./json_keys.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** The arrays by name. */
  readonly tensors: { readonly [name: string]: NdArray };
  /** Texts by name. */
  readonly metadata: { readonly [name: string]: string };
}

/** Longer headers are refused, as by the format's own library. */
const LONGEST_HEADER = 100_000_000;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const TENSOR = v.strictObject({
  dtype: v.string(),
  shape: v.pipe(v.array(count), v.maxLength(64)),
  data_offsets: v.tuple([count, count]),
});
type Tensor = v.InferOutput<typeof TENSOR>;

/** Where a tensor lies in a file, checked against the file's length. */
export interface TensorEntry {
  /** Its name. */
  readonly name: string;
  /** Its element type. */
  readonly type: ElementName;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Its bytes, a view of the file's. */
  readonly bytes: Uint8Array;
}

/** What the header of a file says: nothing of the size of the tensors has been allocated yet. */
export interface SafetensorsHeader {
  /** The tensors, in the order of their bytes. */
  readonly entries: readonly TensorEntry[];
  /** Texts by name. */
  readonly metadata: { readonly [name: string]: string };
}

/**
 * Reads the header of a safetensors file, and checks all of it: types, shapes, and that the bytes of the tensors follow
 * one another without gaps.
 *
 * @param source What messages call the file
 */
export function parseHeader(bytes: Uint8Array, source: string): SafetensorsHeader {
  const fail = (what: string, cause?: unknown): SyntaxError =>
    new SyntaxError(message`Cannot read ${source}: ${what}`, { cause });
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(message`Cannot read ${source}: expected a Uint8Array, found ${describeValue(bytes)}`);
  }
  if (bytes.length < 8) throw fail(`it is no safetensors file, it has ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > LONGEST_HEADER || length > bytes.length - 8) {
    throw fail(`the header should take ${length} bytes, the file has ${bytes.length}`);
  }
  let json: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    json = JSON.parse(text);
  } catch (error) {
    throw fail("the header is no JSON", error);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw fail(`the header names ${describeValue(twice)} twice`);
  if (!isPlainObject(json)) throw fail("the header is no object");
  if (Object.hasOwn(json, "__proto__")) throw fail("__proto__ is no name for a tensor");
  const data = bytes.subarray(8 + length);
  return { entries: readEntries(readTensors(json, fail), data, fail), metadata: readMetadata(json, fail) };
}

type Fail = (what: string) => SyntaxError;

/** The tensors that a header names. A schema for all of it would pass over names such as `constructor`. */
function readTensors(header: Record<string, unknown>, fail: Fail): [name: string, tensor: Tensor][] {
  return Object.entries(header).filter(([name]) => name !== "__metadata__").map(([name, value]) => {
    const checked = v.safeParse(TENSOR, value);
    if (checked.success) return [name, checked.output];
    const [issue] = checked.issues;
    throw fail(
      `the header is wrong, at ${
        [describeValue(name), v.getDotPath(issue) ?? ""].join(" ").trim()
      }: ${issue.message}`,
    );
  });
}

function readMetadata(header: Record<string, unknown>, fail: Fail): { readonly [name: string]: string } {
  const metadata = Object.hasOwn(header, "__metadata__") ? header["__metadata__"] : {};
  if (!isPlainObject(metadata) || Object.hasOwn(metadata, "__proto__")) {
    throw fail("the header is wrong, at __metadata__: expected an object of texts");
  }
  const wrong = Object.entries(metadata).find(([, text]) => typeof text !== "string");
  if (wrong === undefined) return metadata as { readonly [name: string]: string };
  throw fail(`the header is wrong, at __metadata__.${wrong[0]}: expected a text`);
}

function readEntries(
  tensors: readonly (readonly [name: string, tensor: Tensor])[],
  data: Uint8Array,
  fail: Fail,
): TensorEntry[] {
  let end = 0;
  const sorted = tensors.toSorted(([, a], [, b]) =>
    a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]
  );
  const entries = sorted.map(([name, { dtype, shape, data_offsets: [from, to] }]): TensorEntry => {
    if (!Object.hasOwn(ELEMENT_TYPES, dtype)) {
      throw fail(
        `tensor ${describeValue(name)} has elements of type ${describeValue(dtype)}, there are ${
          Object.keys(ELEMENT_TYPES).join(", ")
        }`,
      );
    }
    const type = dtype as ElementName;
    const size = sizeOf(shape) * ELEMENT_TYPES[type].bytes;
    if (from !== end || to - from !== size || to > data.length) {
      throw fail(
        message`tensor ${
          describeValue(name)
        } of shape ${shape} and type ${dtype} can't lie from byte ${from} to ${to}
        of ${data.length}, after one that ends at ${end}`,
      );
    }
    end = to;
    return { name, type, shape, bytes: data.subarray(from, to) };
  });
  if (end !== data.length) throw fail(`the tensors take ${end} bytes, there are ${data.length}`);
  return entries;
}

/** Makes the array of an entry. */
export function readTensor({ name, type, shape, bytes }: TensorEntry): NdArray {
  try {
    return new NdArray(readElements(ELEMENT_TYPES[type], bytes, true), shape);
  } catch (error) {
    throw new RangeError(
      message`Cannot read the tensor ${describeValue(name)}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Reads arrays in the safetensors format, which Python's libraries write and read. float64 for doubles and integers of
 * 32 and 64 bits, float32 for all others (bfloat16, float16, small integers, booleans).
 *
 * @param bytes The file
 * @returns The arrays by name, and the metadata
 * @throws {TypeError} If it is no Uint8Array
 * @throws {SyntaxError} If the bytes are something else, or names, shapes, types and places do not fit together
 * @throws {RangeError} If a 64-bit integer is larger than a number holds exactly
 *
 * @example
 * ```ts
 * import { encodeSafetensors, parseSafetensors } from "@tapegrad/tapegrad/io";
 *
 * const bytes = encodeSafetensors({ w: [[1, 2]] }, { author: "me" });
 * const { tensors, metadata } = parseSafetensors(bytes);
 * console.log(tensors["w"]!.toNested(), metadata); // [[1, 2]] { author: "me" }
 * ```
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  return parseFrom(bytes, "the safetensors bytes");
}

function parseFrom(bytes: Uint8Array, source: string): Safetensors {
  const { entries, metadata } = parseHeader(bytes, source);
  return { tensors: Object.fromEntries(entries.map((entry) => [entry.name, readTensor(entry)])), metadata };
}

/**
 * Writes arrays in the safetensors format: float64 as `F64`, float32 as `F32`.
 *
 * @param tensors The arrays by name: NdArrays, Variables, nested arrays of numbers or typed arrays
 * @param metadata Texts by name
 * @returns The bytes of the file
 * @throws {TypeError} If a value is no array, a text is none, or a name is `__metadata__` or `__proto__`
 *
 * @example
 * ```ts
 * import { encodeSafetensors } from "@tapegrad/tapegrad/io";
 *
 * console.log(encodeSafetensors({ w: Float32Array.of(1, 2) }).length); // 80
 * ```
 */
export function encodeSafetensors(
  tensors: { readonly [name: string]: Writable },
  metadata: { readonly [name: string]: string } = {},
): Uint8Array<ArrayBuffer> {
  // Wide elements first, so that all lie at multiples of their size, as the format's own library does it.
  const arrays = readArrays("encodeSafetensors", tensors).sort(([nameA, a], [nameB, b]) =>
    b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1)
  );
  const header: Record<string, unknown> = {};
  if (!isPlainObject(metadata)) {
    throw new TypeError(
      message`Cannot write the metadata ${describeValue(metadata)}: pass an object of texts`,
    );
  }
  const notes = Object.entries(metadata);
  const wrong = notes.find(([name, text]) => typeof text !== "string" || name === "__proto__");
  if (wrong !== undefined) {
    throw new TypeError(
      message`Cannot write the metadata ${describeValue(wrong[0])}: it is ${
        describeValue(wrong[1])
      }, use texts`,
    );
  }
  if (notes.length > 0) header["__metadata__"] = metadata;
  let end = 0;
  for (const [name, array] of arrays) {
    if (name === "__metadata__") {
      throw new TypeError("Cannot write a tensor __metadata__: choose another name");
    }
    const from = end;
    end += array.data.byteLength;
    header[name] = {
      dtype: array.dtype === "float64" ? "F64" : "F32",
      shape: array.shape,
      data_offsets: [from, end],
    };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.fill(0x20, 8, start);
  bytes.set(text, 8);
  let at = start;
  for (const [, { data }] of arrays) {
    bytes.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file; see {@linkcode parseSafetensors}. Needs read permission.
 *
 * @param path The file
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {SyntaxError} As {@linkcode parseSafetensors}
 * @throws {RangeError} As {@linkcode parseSafetensors}
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "@tapegrad/tapegrad/io";
 *
 * const path = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await writeSafetensors(path, { w: [1, 2] });
 * console.log((await readSafetensors(path)).tensors["w"]!.toNested()); // [1, 2]
 * await Deno.remove(path);
 * ```
 */
export async function readSafetensors(path: string | URL): Promise<Safetensors> {
  return parseFrom(await readBytes(path), String(path));
}

/**
 * Writes a safetensors file; see {@linkcode encodeSafetensors}. The old file stays whole until the new one is written.
 * Needs read and write permission.
 *
 * @param path The file
 * @param tensors The arrays by name
 * @param metadata Texts by name
 * @throws {TypeError} As {@linkcode encodeSafetensors}
 *
 * @example
 * ```ts
 * import { writeSafetensors } from "@tapegrad/tapegrad/io";
 *
 * const path = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await writeSafetensors(path, { w: [[1, 2]] }, { author: "me" });
 * await Deno.remove(path);
 * ```
 */
export async function writeSafetensors(
  path: string | URL,
  tensors: { readonly [name: string]: Writable },
  metadata?: { readonly [name: string]: string },
): Promise<void> {
  await writeBytes(path, encodeSafetensors(tensors, metadata));
}
