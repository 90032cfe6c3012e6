/** Functions put together to modules. */
import { ByteWriter } from "./byte_writer.ts";
import {
  type FunctionType,
  type ImportedFunction,
  type Type,
  TYPE_BYTES,
  type ValueType,
  type WasmFunction,
  type WrittenFunction,
} from "./types.ts";

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const FUNCTION_TYPE = 0x60;
const FUNCTION = 0;
const MEMORY = 2;

/** How large a memory is, in pages of 64 KiB. */
export interface MemoryLimits {
  readonly min: number;
  readonly max?: number;
  /** Whether several threads use it; it then needs a `max`. */
  readonly shared?: boolean;
}

/** A memory that a module is given. */
export interface ImportedMemory {
  readonly limits: MemoryLimits;
  readonly memory: WebAssembly.Memory | undefined;
}

/** A memory that a module is given, by default only when it is instantiated. */
export function importMemory(limits: MemoryLimits, memory?: WebAssembly.Memory): ImportedMemory {
  return { limits, memory };
}

/** A function of JavaScript, or of another module, as one that can be called. */
export function importFunc(
  signature: { readonly in: readonly Type[]; readonly out: readonly Type[] },
  // deno-lint-ignore no-explicit-any
  run: (...values: any[]) => unknown,
): ImportedFunction {
  const parameters = signature.in.map(({ type }) => type);
  return { kind: "import", type: { parameters, results: signature.out.map(({ type }) => type) }, run };
}

/** A module that is ready to be compiled. */
export interface WrittenModule {
  /** Its bytes. */
  toBytes(): Uint8Array<ArrayBuffer>;
  /** What it imports: functions as `f0`, `f1`, ..., and the memory as `m0`. */
  readonly importMap: Record<"", WebAssembly.ModuleImports>;
}

/** Puts functions, and all that they call, together to a module. */
export function Module({ exports, memory }: {
  readonly exports: Readonly<Record<string, WasmFunction>>;
  readonly memory?: ImportedMemory;
}): WrittenModule {
  const { imports, functions } = collect(Object.values(exports));
  const importMap: WebAssembly.ModuleImports = {};
  imports.forEach(({ run }, i) => importMap[`f${i}`] = run);
  if (memory?.memory !== undefined) importMap["m0"] = memory.memory;
  return { importMap: { "": importMap }, toBytes: () => toBytes(exports, memory, imports, functions) };
}

/** All functions that some of them call, in the order in which they are found. */
function collect(
  roots: readonly WasmFunction[],
): { imports: readonly ImportedFunction[]; functions: readonly WrittenFunction[] } {
  const found = new Set(roots);
  for (const f of found) if (f.kind === "function") { for (const { target } of f.calls) found.add(target); }
  return {
    imports: [...found].filter((f) => f.kind === "import"),
    functions: [...found].filter((f) => f.kind === "function"),
  };
}

function toBytes(
  exports: Readonly<Record<string, WasmFunction>>,
  memory: ImportedMemory | undefined,
  imports: readonly ImportedFunction[],
  functions: readonly WrittenFunction[],
): Uint8Array<ArrayBuffer> {
  const types = new Map<string, { readonly index: number; readonly type: FunctionType }>();
  const typeOf = ({ type }: WasmFunction): number => {
    const key = `${type.parameters} ${type.results}`;
    let known = types.get(key);
    if (known === undefined) types.set(key, known = { index: types.size, type });
    return known.index;
  };
  [...imports, ...functions].forEach(typeOf);
  const indices = new Map([...imports, ...functions].map((f, i) => [f, i]));
  const out = new ByteWriter();
  out.bytes(MAGIC);
  section(out, SECTION.type, [...types.values()], (to, { type }) => {
    to.byte(FUNCTION_TYPE);
    writeTypes(to, type.parameters);
    writeTypes(to, type.results);
  });
  const imported = [...imports.map((f) => ({ f })), ...(memory === undefined ? [] : [memory])];
  section(out, SECTION.import, imported, (to, entry, i) => {
    to.name("");
    if ("f" in entry) {
      to.name(`f${i}`);
      to.byte(FUNCTION);
      to.unsigned(typeOf(entry.f));
    } else {
      to.name("m0");
      to.byte(MEMORY);
      writeLimits(to, entry.limits);
    }
  });
  section(out, SECTION.function, functions, (to, f) => to.unsigned(typeOf(f)));
  section(out, SECTION.export, Object.entries(exports), (to, [name, f]) => {
    to.name(name);
    to.byte(FUNCTION);
    to.unsigned(indices.get(f)!);
  });
  const body = new ByteWriter();
  section(out, SECTION.code, functions, (to, f) => {
    body.length = 0;
    writeBody(body, f, indices);
    to.unsigned(body.length);
    to.append(body);
  });
  return out.finish();
}

function section<T>(
  out: ByteWriter,
  id: number,
  entries: readonly T[],
  write: (to: ByteWriter, entry: T, index: number) => void,
): void {
  const content = new ByteWriter();
  content.unsigned(entries.length);
  entries.forEach((entry, i) => write(content, entry, i));
  out.byte(id);
  out.unsigned(content.length);
  out.append(content);
}

function writeTypes(to: ByteWriter, types: readonly ValueType[]): void {
  to.unsigned(types.length);
  for (const type of types) to.byte(TYPE_BYTES[type]);
}

function writeLimits(to: ByteWriter, { min, max, shared }: MemoryLimits): void {
  to.byte((max === undefined ? 0 : 1) | (shared ? 2 : 0));
  to.unsigned(min);
  if (max !== undefined) to.unsigned(max);
}

function writeBody(
  to: ByteWriter,
  { locals, code, calls }: WrittenFunction,
  indices: ReadonlyMap<WasmFunction, number>,
): void {
  const starts = locals.flatMap((type, i) => type === locals[i - 1] ? [] : [i]);
  to.unsigned(starts.length);
  starts.forEach((start, i) => {
    to.unsigned((starts[i + 1] ?? locals.length) - start);
    to.byte(TYPE_BYTES[locals[start]!]);
  });
  let from = 0;
  for (const { at, target } of calls) {
    to.bytes(code.subarray(from, at));
    to.unsigned(indices.get(target)!);
    from = at;
  }
  to.bytes(code.subarray(from));
}
