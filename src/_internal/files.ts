import { describeValue } from "./format.ts";
import { message } from "./message.ts";

/** What is used of `node:fs/promises`, which Deno, Node and Bun have. */
interface FileSystem {
  readFile(path: string | URL): Promise<Uint8Array<ArrayBuffer>>;
  open(path: string | URL, flags?: "r" | "wx"): Promise<FileHandle>;
  rename(from: string | URL, to: string | URL): Promise<void>;
  rm(path: string | URL, options: { force: boolean }): Promise<void>;
  mkdir(path: string, options: { recursive: boolean }): Promise<unknown>;
  appendFile(path: string, bytes: Uint8Array): Promise<void>;
}

interface FileHandle {
  readableWebStream(): ReadableStream<Uint8Array>;
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system, loaded when it is first used, as browsers have none. */
async function fileSystem(path: string | URL): Promise<FileSystem> {
  try {
    return await import("node:fs/promises") as unknown as FileSystem;
  } catch (error) {
    throw new TypeError(
      message`Cannot read ${String(path)}: this host has no files, pass its bytes instead`,
      {
        cause: error,
      },
    );
  }
}

/** Checks that a value names a file. */
export function checkPath(path: unknown): asserts path is string | URL {
  if ((typeof path === "string" && path !== "") || path instanceof URL) return;
  throw new TypeError(
    message`Cannot read a file: the path is ${describeValue(path)}, pass a text or a URL`,
  );
}

/**
 * The bytes of a file. Needs read permission.
 *
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {TypeError} If the path is neither a text nor a URL, or the host has no files
 */
export async function readBytes(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  checkPath(path);
  if (typeof Deno !== "undefined") return await Deno.readFile(path).catch((error) => notFound(path, error));
  return await (await fileSystem(path)).readFile(path);
}

/**
 * The bytes of a file, piece by piece. Needs read permission.
 *
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {TypeError} If the path is neither a text nor a URL, or the host has no files
 */
export async function streamBytes(path: string | URL): Promise<ReadableStream<Uint8Array>> {
  checkPath(path);
  if (typeof Deno !== "undefined") {
    return (await Deno.open(path).catch((error) => notFound(path, error))).readable;
  }
  return (await (await fileSystem(path)).open(path)).readableWebStream();
}

/** Throws on what Deno threw, with the path where the file is missing. */
function notFound(path: string | URL, error: unknown): never {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
  throw new Deno.errors.NotFound(message`Cannot read ${String(path)}: there is no such file`, {
    cause: error,
  });
}

/**
 * Writes a file: to a temporary one beside it, which takes its name when all bytes are on the disk. Whatever happens,
 * the file is the old one or the new one, whole. Needs read and write permission for its folder.
 *
 * @throws {TypeError} If the path is neither a text nor a URL, or the host has no files
 */
export async function writeBytes(path: string | URL, bytes: Uint8Array): Promise<void> {
  checkPath(path);
  const files = await fileSystem(path);
  const temporary = path instanceof URL ? new URL(path) : path + temporaryEnding();
  if (temporary instanceof URL) temporary.pathname += temporaryEnding();
  const file = await files.open(temporary, "wx");
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.rm(temporary, { force: true });
    throw error;
  }
}

function temporaryEnding(): string {
  return `.${crypto.randomUUID().slice(0, 8)}.tmp`;
}

/** Appends to a file, which is made if need be, with its folders. Needs write permission. */
export async function appendBytes(path: string, bytes: Uint8Array): Promise<void> {
  const files = await fileSystem(path);
  await files.mkdir(path.replace(/[^/\\]*$/, "") || ".", { recursive: true });
  await files.appendFile(path, bytes);
}

/** Removes a file, if it is there. Needs write permission. */
export async function removeFile(path: string | URL): Promise<void> {
  checkPath(path);
  await (await fileSystem(path)).rm(path, { force: true });
}
