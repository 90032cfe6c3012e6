/** Instructions by their names, those of control with the code inside of them. */
import { type FunctionWriter, type Label, LOCAL, STACKED, writing } from "./function_writer.ts";
import {
  F32,
  F32X4,
  F64,
  F64X2,
  I32,
  I32_ATOMIC,
  I32_ATOMIC_RMW,
  I32X4,
  I64X2,
  I8X16,
  type Immediate,
  MEMORY,
  MEMORY_ATOMIC,
  type Row,
  type Table,
  V128,
} from "./opcodes.ts";
import type { Local, Operand, Stacked, Type, ValueType, WasmFunction } from "./types.ts";

/** Where in memory, beyond the address. */
export interface MemoryArgument {
  /** In bytes. */
  readonly offset?: number;
}

type Words<S extends string> = S extends "" ? []
  : S extends `${infer First} ${infer Rest}` ? [First, ...Words<Rest>]
  : [S];
type Operands<W extends readonly string[]> = {
  [K in keyof W]: W[K] extends ValueType ? Operand<W[K]> : never;
};
type Immediates<I> = I extends { readonly align: number; readonly lane: true }
  ? [memory: MemoryArgument, lane: number]
  : I extends { readonly align: number } ? [memory: MemoryArgument]
  : I extends { readonly lane: true } ? [lane: number]
  : I extends { readonly lanes: true } ? [lanes: readonly number[]]
  : [];
type Instruction<R> = R extends readonly [number, infer P extends string, infer V, (infer I)?]
  ? (...given: [...Immediates<I>, ...([] | Operands<Words<P>>)]) => V extends ValueType ? Stacked<V> : void
  : never;
/** The instructions of a table. */
export type Instructions<T> = { readonly [K in keyof T]: Instruction<T[K]> };

function instructions<T extends Table>(group: string, table: T): Instructions<T> {
  return Object.fromEntries(
    Object.entries(table).map(([name, row]) => [name, instruction(`${group}.${name}`, row)]),
  ) as Instructions<T>;
}

/** The function that writes an instruction. */
function instruction(name: string, [opcode, operands, result, immediate]: Row): unknown {
  const types = operands.split(" ") as ValueType[];
  const output = result === "" ? null : result;
  const isBulk = name === "memory.fill" || name === "memory.copy";
  if (immediate === undefined && !isBulk) {
    return (...given: Operand<ValueType>[]): Stacked | void => {
      const writer = writing();
      if (given.length > 0) writer.place(name, types, given);
      return writer.instruction(name, opcode, types, output);
    };
  }
  const { align, lane, lanes } = immediate ?? {};
  const count = Number(align !== undefined) + Number(lane ?? lanes ?? false);
  return (...given: unknown[]): Stacked | void => {
    const writer = writing();
    if (given.length > count) writer.place(name, types, given.slice(count) as Operand<ValueType>[]);
    const found = writer.instruction(name, opcode, types, output);
    if (immediate !== undefined) writeImmediate(writer, name, immediate, given);
    // The memories that they work on.
    else writer.code.bytes(name === "memory.copy" ? [0, 0] : [0]);
    return found;
  };
}

function writeImmediate(
  { code }: FunctionWriter,
  name: string,
  { align, lane, lanes }: Immediate,
  given: readonly unknown[],
): void {
  if (lanes) {
    const order = given[0] as readonly number[];
    if (order.length !== 16) {
      throw new TypeError(`Cannot write ${name}: it takes 16 lanes, not ${order.length}`);
    }
    code.bytes(order);
  }
  if (align !== undefined) {
    code.byte(align);
    code.unsigned((given[0] as MemoryArgument).offset ?? 0);
  }
  if (lane) code.byte(given[align === undefined ? 0 : 1] as number);
}

/** A constant of a type of numbers. */
function constant<T extends "i32" | "f32" | "f64">(type: T): (value: number) => Stacked<T> {
  return (value) => {
    const writer = writing();
    writer.place(`${type}.const`, [type], [value as Operand<T>]);
    return STACKED[type] as Stacked<T>;
  };
}

const ARRAYS = { i8x16: Uint8Array, i32x4: Int32Array, f32x4: Float32Array, f64x2: Float64Array } as const;

/** What the elements of a vector are given as. */
interface Elements {
  readonly i8x16: number;
  readonly i32x4: number;
  readonly i64x2: bigint;
  readonly f32x4: number;
  readonly f64x2: number;
}

/** Writes a constant vector by its elements, or its 16 bytes. */
function vectorConstant<S extends keyof Elements>(
  shape: S,
  values: ArrayLike<Elements[S]>,
): Stacked<"v128"> {
  const array = shape === "i64x2"
    ? BigInt64Array.from(values as ArrayLike<bigint>)
    : ARRAYS[shape as keyof typeof ARRAYS].from(values as ArrayLike<number>);
  const bytes = new Uint8Array(array.buffer);
  if (bytes.length !== 16) {
    throw new TypeError(`Cannot write v128.const: ${values.length} numbers are not a vector of ${shape}`);
  }
  const writer = writing();
  const constant = writer.instruction("v128.const", 0xfd_000c, [], "v128");
  writer.code.bytes(bytes);
  return constant as Stacked<"v128">;
}

type Numbers<T extends "i32" | "f32" | "f64"> = Type<T> & { readonly const: (value: number) => Stacked<T> };

/** Integers of 32 bits. */
export const i32:
  & Numbers<"i32">
  & Instructions<typeof I32>
  & {
    readonly atomic: Instructions<typeof I32_ATOMIC> & { readonly rmw: Instructions<typeof I32_ATOMIC_RMW> };
  } = {
    type: "i32",
    const: constant("i32"),
    ...instructions("i32", I32),
    atomic: {
      ...instructions("i32.atomic", I32_ATOMIC),
      rmw: instructions("i32.atomic.rmw", I32_ATOMIC_RMW),
    },
  };
/** Float32. */
export const f32: Numbers<"f32"> & Instructions<typeof F32> = {
  type: "f32",
  const: constant("f32"),
  ...instructions("f32", F32),
};
/** Float64. */
export const f64: Numbers<"f64"> & Instructions<typeof F64> = {
  type: "f64",
  const: constant("f64"),
  ...instructions("f64", F64),
};
/** Vectors of 16 bytes. */
export const v128: Type<"v128"> & { readonly const: typeof vectorConstant } & Instructions<typeof V128> = {
  type: "v128",
  const: vectorConstant,
  ...instructions("v128", V128),
};
/** Vectors as 16 bytes. */
export const i8x16: Instructions<typeof I8X16> = instructions("i8x16", I8X16);
/** Vectors as four integers of 32 bits. */
export const i32x4: Instructions<typeof I32X4> = instructions("i32x4", I32X4);
/** Vectors as two integers of 64 bits. */
export const i64x2: Instructions<typeof I64X2> = instructions("i64x2", I64X2);
/** Vectors as four float32. */
export const f32x4: Instructions<typeof F32X4> = instructions("f32x4", F32X4);
/** Vectors as two float64. */
export const f64x2: Instructions<typeof F64X2> = instructions("f64x2", F64X2);
/** Ranges of memory. */
export const memory: Instructions<typeof MEMORY> & { readonly atomic: Instructions<typeof MEMORY_ATOMIC> } = {
  ...instructions("memory", MEMORY),
  atomic: instructions("memory.atomic", MEMORY_ATOMIC),
};

/** What a block leaves on the stack: nothing, or one value. */
export type BlockType = { readonly out?: readonly [] | readonly [Type] } | null;

/** What is on top of the stack, whatever its type. */
export const $: Stacked<"any"> = { kind: "stack", type: "any" };

/** The instructions on locals. */
export const local: {
  get<T extends ValueType>(from: Local<T>): Stacked<T>;
  set<T extends ValueType>(to: Local<T>, value?: Operand<T>): void;
  tee<T extends ValueType>(to: Local<T>, value?: Operand<T>): Stacked<T>;
} = {
  get<T extends ValueType>({ type, index }: Local<T>): Stacked<T> {
    const writer = writing();
    const start = writer.code.length;
    writer.code.byte(LOCAL.get);
    writer.code.unsigned(index);
    return writer.push(type, start);
  },
  set: (to, value) => void assign("local.set", LOCAL.set, to, value),
  tee: (to, value) => writing().push(to.type, assign("local.tee", LOCAL.tee, to, value)),
};

function assign<T extends ValueType>(
  name: string,
  opcode: number,
  { type, index }: Local<T>,
  value?: Operand<T>,
): number {
  const writer = writing();
  if (value !== undefined) writer.place(name, [type], [value]);
  const start = writer.pop(name, [type]);
  writer.code.byte(opcode);
  writer.code.unsigned(index);
  return start;
}

/** A block that a branch leaves. */
export function block(type: BlockType, body: (label: Label) => void): void {
  writing().block("block", 0x02, resultOf(type), [body]);
}

/** A block that a branch begins anew. */
export function loop(type: BlockType, body: (label: Label) => void): void {
  writing().block("loop", 0x03, resultOf(type), [body]);
}

/** A block that runs if the number on the stack is not zero, and one that runs otherwise. */
export function if_(type: BlockType, then: (label: Label) => void, otherwise?: (label: Label) => void): void {
  writing().block("if", 0x04, resultOf(type), otherwise === undefined ? [then] : [then, otherwise]);
}

function resultOf(type: BlockType): ValueType | null {
  return type?.out?.[0]?.type ?? null;
}

/** Goes to a label. */
export function br(label: Label): void {
  const writer = writing();
  writer.pop("br", typesOf(label));
  writer.code.byte(0x0c);
  writer.code.unsigned(writer.distance("br", label));
  writer.die();
}

/** Goes to a label if the number on the stack is not zero. */
export function br_if(label: Label): void {
  const writer = writing();
  writer.pop("br_if", ["i32"]);
  writer.code.byte(0x0d);
  writer.code.unsigned(writer.distance("br_if", label));
}

/** Goes to the label whose number is on the stack, or to another if there is none of that number. */
export function br_table(labels: readonly Label[], otherwise: Label): void {
  const writer = writing();
  writer.pop("br_table", [...typesOf(otherwise), "i32"]);
  writer.code.byte(0x0e);
  writer.code.unsigned(labels.length);
  for (const label of [...labels, otherwise]) writer.code.unsigned(writer.distance("br_table", label));
  writer.die();
}

function typesOf({ type }: Label): ValueType[] {
  return type === null ? [] : [type];
}

/** Leaves the function. */
export function return_(): void {
  const writer = writing();
  writer.pop("return", writer.results);
  writer.code.byte(0x0f);
  writer.die();
}

/** Stops the program with an error. */
export function unreachable(): void {
  const writer = writing();
  writer.code.byte(0x00);
  writer.die();
}

/** Takes a value from the stack. */
export function drop(): void {
  const writer = writing();
  writer.pop("drop", [writer.peek("drop")]);
  writer.code.byte(0x1a);
}

/** Leaves the first of two values if the number on top of them is not zero, else the second. */
export function select(): Stacked {
  const writer = writing();
  const type = writer.peek("select", 1);
  const start = writer.pop("select", [type, type, "i32"]);
  writer.code.byte(0x1b);
  return writer.push(type, start);
}

/** Calls a function. */
export function call(target: WasmFunction, operands: readonly Operand<ValueType>[] = []): void {
  const writer = writing();
  const { parameters, results } = target.type;
  writer.place("call", parameters, operands);
  const start = writer.pop("call", parameters);
  writer.code.byte(0x10);
  writer.index(target);
  for (const result of results) writer.push(result, start);
}
