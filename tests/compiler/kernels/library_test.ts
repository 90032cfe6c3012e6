import { assertEquals, assertGreater } from "@std/assert";
import {
  KERNEL_FAMILIES,
  kernelLibrary,
  libraryBytes,
  libraryKey,
} from "../../../src/compiler/kernels/library.ts";
import { LIBRARY_BYTES } from "../../../src/compiler/kernels/library_bytes.ts";

for (const dtype of ["float32", "float64"] as const) {
  for (const relaxed of [true, false]) {
    for (const family of KERNEL_FAMILIES) {
      const options = { dtype, relaxed, shared: true, family };
      Deno.test(`the library ${libraryKey(options)} is what its source gives; else run: deno task kernels`, () => {
        const written = Uint8Array.from(atob(LIBRARY_BYTES[libraryKey(options)]!), (c) => c.charCodeAt(0));
        assertEquals(written, libraryBytes(options));
      });
    }
  }
}

Deno.test("libraries are made of what has been written, but for memory that is not shared", () => {
  const exports = (shared: boolean) =>
    WebAssembly.Module.exports(kernelLibrary({ dtype: "float32", relaxed: false, shared })).map(({ name }) =>
      name
    );
  assertGreater(exports(true).length, 2);
  assertEquals(exports(true), exports(false));
  assertEquals(Object.keys(LIBRARY_BYTES).length, 14);
});
