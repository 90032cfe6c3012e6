/** The imports of a module, as other threads can make them. */
import { hostSource } from "../math/host.ts";
import { kernelSource } from "../kernels/linked_kernels.ts";
import type { ThreadImport, ThreadProgram } from "./thread.ts";
import { threadPool } from "./threads.ts";

/** How other threads make the imports of a module, and the libraries these come from. */
export function threadImports(imports: WebAssembly.ModuleImports): Omit<ThreadProgram, "module"> {
  const libraries: Record<string, WebAssembly.Module> = {};
  const sources: Record<string, ThreadImport> = {};
  for (const [name, value] of Object.entries(imports)) {
    const kernel = kernelSource(value);
    if (kernel !== undefined) libraries[kernel.key] = kernel.library;
    sources[name] = importSource(value, kernel);
  }
  return { imports: sources, libraries };
}

function importSource(value: WebAssembly.ImportValue, kernel: ReturnType<typeof kernelSource>): ThreadImport {
  if (value instanceof WebAssembly.Memory) return { kind: "memory" };
  if (value === threadPool.wait) return { kind: "wait" };
  if (kernel !== undefined) return { kind: "kernel", library: kernel.key, name: kernel.name };
  const source = hostSource(value);
  return source === undefined ? { kind: "none" } : { kind: "function", source };
}
