import { assertEquals, assertStrictEquals } from "@std/assert";
import { KERNEL_FAMILIES, kernelLibrary, libraryKey } from "../../../src/compiler/kernels/library.ts";
import { libraryBytes } from "../../../src/compiler/kernels/write_library.ts";
import { LIBRARY_BYTES } from "../../../src/compiler/kernels/library_bytes.ts";

for (const dtype of ["float32", "float64"] as const) {
  for (const relaxed of [true, false]) {
    for (const family of KERNEL_FAMILIES) {
      const options = { dtype, relaxed, family };
      Deno.test(`the library ${libraryKey(options)} is what its source gives; else run: deno task kernels`, () => {
        const written = Uint8Array.from(atob(LIBRARY_BYTES[libraryKey(options)]!), (c) => c.charCodeAt(0));
        assertEquals(written, libraryBytes(options));
      });
    }
  }
}

Deno.test("each library is made a module once, of what has been written", () => {
  const options = { dtype: "float32", relaxed: false } as const;
  assertStrictEquals(kernelLibrary(options), kernelLibrary({ ...options, family: "products" }));
  assertEquals(kernelLibrary(options) === kernelLibrary({ ...options, family: "words" }), false);
  const names = WebAssembly.Module.exports(kernelLibrary(options)).map(({ name }) => name);
  for (
    const name of ["matmul", "matmulBatch", "matmulPacked", "transpose", "packRight", "direct", "largest"]
  ) {
    assertEquals(names.includes(name), true, name);
  }
  assertEquals(Object.keys(LIBRARY_BYTES).length, 10);
});
