import { readBytes, writeBytes } from "../_internal/files.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readOptions } from "../_internal/readers/mod.ts";
import type { NdArray } from "../array/nd_array.ts";
import { readArrays, type Writable } from "./_values.ts";
import { encodeNpy, parseNpyFrom } from "./npy.ts";

/** How an archive is written. */
export interface NpzOptions {
  /** Whether the arrays are compressed; false by default, as with NumPy's `savez`. */
  readonly compress?: boolean;
}

/** No member may unpack to more than this, nor all together. */
const MOST_BYTES = 2 ** 32;

/**
 * Reads NumPy's archives of arrays (`.npz`, compressed or not).
 *
 * @param bytes The file
 * @returns The arrays by name, without the ending `.npy`; see `parseNpy` for their dtypes
 * @throws {TypeError} If it is no Uint8Array, or an array holds objects, texts, dates or complex numbers
 * @throws {SyntaxError} If the bytes are something else, or damaged
 * @throws {RangeError} If the arrays would take more than 4 GiB, or a 64-bit integer is not exact
 *
 * @example
 * ```ts
 * import { encodeNpz, parseNpz } from "@tapegrad/tapegrad/io";
 *
 * const arrays = await parseNpz(await encodeNpz({ x: [1, 2], y: [[3]] }));
 * console.log(arrays["y"]!.toNested()); // [[3]]
 * ```
 */
export async function parseNpz(bytes: Uint8Array): Promise<{ [name: string]: NdArray }> {
  return await parseFrom(bytes, "the .npz bytes");
}

async function parseFrom(bytes: Uint8Array, source: string): Promise<{ [name: string]: NdArray }> {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(message`Cannot read ${source}: expected a Uint8Array, found ${describeValue(bytes)}`);
  }
  const { unzipSync } = await import("npm:fflate@0.8.2");
  const names = new Set<string>();
  let total = 0;
  let members: { readonly [name: string]: Uint8Array };
  try {
    members = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (names.has(name)) throw new SyntaxError(`the archive names ${describeValue(name)} twice`);
        if (name === "__proto__.npy") throw new SyntaxError("__proto__ is no name for an array");
        names.add(name);
        total += originalSize;
        if (!(total <= Math.min(MOST_BYTES, 1032 * bytes.length))) {
          throw new RangeError(
            `the arrays would take ${total} bytes, more than can be packed in ${bytes.length}`,
          );
        }
        return true;
      },
    });
  } catch (error) {
    const Kind = error instanceof RangeError && /would take/.test(error.message) ? RangeError : SyntaxError;
    throw new Kind(message`Cannot read ${source}: ${(error as Error).message}`, { cause: error });
  }
  return Object.fromEntries(
    Object.entries(members).map(([file, content]) => {
      const name = file.replace(/\.npy$/, "");
      return [name, parseNpyFrom(content, `${source}, array ${describeValue(name)}`)];
    }),
  );
}

/**
 * Writes arrays as one of NumPy's archives.
 *
 * @param arrays The arrays by name: NdArrays, Variables, nested arrays of numbers or typed arrays
 * @param options Whether they are compressed
 * @returns The bytes of the file
 * @throws {TypeError} If a value is no array, or an option is unknown
 *
 * @example
 * ```ts
 * import { encodeNpz } from "@tapegrad/tapegrad/io";
 *
 * console.log((await encodeNpz({ x: [1, 2] }, { compress: true })).length > 0); // true
 * ```
 */
export async function encodeNpz(
  arrays: { readonly [name: string]: Writable },
  options?: NpzOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { compress } = readOptions("encodeNpz", options, { compress: false });
  const { zipSync } = await import("npm:fflate@0.8.2");
  const members = readArrays("encodeNpz", arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]);
  return zipSync(Object.fromEntries(members), { level: compress ? 6 : 0, mtime: "1980-01-01" }) as Uint8Array<
    ArrayBuffer
  >;
}

/**
 * Reads a `.npz` file; see {@linkcode parseNpz}. Needs read permission.
 *
 * @param path The file
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {SyntaxError} As {@linkcode parseNpz}
 *
 * @example
 * ```ts
 * import { readNpz, writeNpz } from "@tapegrad/tapegrad/io";
 *
 * const path = await Deno.makeTempFile({ suffix: ".npz" });
 * await writeNpz(path, { x: [1, 2] });
 * console.log((await readNpz(path))["x"]!.toNested()); // [1, 2]
 * await Deno.remove(path);
 * ```
 */
export async function readNpz(path: string | URL): Promise<{ [name: string]: NdArray }> {
  return await parseFrom(await readBytes(path), String(path));
}

/**
 * Writes a `.npz` file; see {@linkcode encodeNpz}. The old file stays whole until the new one is written. Needs read and
 * write permission.
 *
 * @param path The file
 * @param arrays The arrays by name
 * @param options Whether they are compressed
 * @throws {TypeError} As {@linkcode encodeNpz}
 *
 * @example
 * ```ts
 * import { writeNpz } from "@tapegrad/tapegrad/io";
 *
 * const path = await Deno.makeTempFile({ suffix: ".npz" });
 * await writeNpz(path, { x: [1, 2] });
 * await Deno.remove(path);
 * ```
 */
export async function writeNpz(
  path: string | URL,
  arrays: { readonly [name: string]: Writable },
  options?: NpzOptions,
): Promise<void> {
  await writeBytes(path, await encodeNpz(arrays, options));
}
