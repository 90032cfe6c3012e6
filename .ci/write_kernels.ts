// Writes the libraries of kernels that compiled programs use, so that none has to be made when a program starts.
import { KERNEL_FAMILIES, libraryKey } from "../src/compiler/kernels/library.ts";
import { libraryBytes } from "../src/compiler/kernels/write_library.ts";

const FILE = new URL("../src/compiler/kernels/library_bytes.ts", import.meta.url);

/** The text of the file. */
export function writeLibraries(): string {
  const entries = new Map<string, string>();
  for (const dtype of ["float32", "float64"] as const) {
    for (const relaxed of [true, false]) {
      for (const family of KERNEL_FAMILIES) {
        const options = { dtype, relaxed, family };
        entries.set(libraryKey(options), btoa(String.fromCharCode(...libraryBytes(options))));
      }
    }
  }
  const lines = [...entries].map(([key, text]) =>
    `  ${JSON.stringify(key)}:\n    ${JSON.stringify(text)},\n`
  );
  return `// Written by \`deno task kernels\` from the other files in this folder; a test compares.
/** The bytes of kernel libraries on shared memory, in base64, by {@linkcode libraryKey}. */
export const LIBRARY_BYTES: Readonly<Record<string, string>> = {
${lines.join("")}};
`;
}

if (import.meta.main) await Deno.writeTextFile(FILE, writeLibraries());
