/** What functions of WebAssembly are written with: types, locals, and what stands on the stack. */

/** The type of a value. */
export type ValueType = "i32" | "f32" | "f64" | "v128";

/** How types are written. */
export const TYPE_BYTES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** What names a type: the group of its instructions. */
export interface Type<T extends ValueType = ValueType> {
  readonly type: T;
}

/** A parameter or local of the function that is being written. */
export interface Local<T extends ValueType = ValueType> {
  readonly kind: "local";
  readonly type: T;
  readonly index: number;
}

/** What the instruction before left on the stack; `any` fits everywhere. */
export interface Stacked<T extends ValueType | "any" = ValueType> {
  readonly kind: "stack";
  readonly type: T;
}

/** An operand: a local, a constant, or what is on the stack already. */
export type Operand<T extends ValueType> =
  | Local<T>
  | Stacked<T>
  | Stacked<"any">
  | (T extends "i32" | "f32" | "f64" ? number : never);

/** The type of a function. */
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A call in the code of a function: its index is known when functions are put together to a module. */
export interface CallSite {
  /** Before which byte of the code the index stands. */
  at: number;
  readonly target: WasmFunction;
}

/** A function that has been written. */
export interface WrittenFunction {
  readonly kind: "function";
  readonly type: FunctionType;
  /** Its locals after the parameters. */
  readonly locals: readonly ValueType[];
  /** Its instructions with the end, without the indices of the functions it calls. */
  readonly code: Uint8Array;
  readonly calls: readonly CallSite[];
}

/** A function of JavaScript, or of another module. */
export interface ImportedFunction {
  readonly kind: "import";
  readonly type: FunctionType;
  readonly run: WebAssembly.ImportValue;
}

/** A function that others call and modules export. */
export type WasmFunction = WrittenFunction | ImportedFunction;
