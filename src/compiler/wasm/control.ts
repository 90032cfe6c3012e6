/** Locals, blocks, branches and calls. */
import { type Label, LOCAL, writing } from "./function_writer.ts";
import type { Local, Operand, Stacked, Type, ValueType, WasmFunction } from "./types.ts";

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
