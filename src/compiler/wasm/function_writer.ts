import { ByteWriter } from "./byte_writer.ts";
import {
  type CallSite,
  type FunctionType,
  type Local,
  type Operand,
  type Stacked,
  type Type,
  TYPE_BYTES,
  type ValueType,
  type WasmFunction,
  type WrittenFunction,
} from "./types.ts";

const END = 0x0b;
const ELSE = 0x05;
const NO_RESULT = 0x40;
const CONSTANTS = { i32: 0x41, f32: 0x43, f64: 0x44 } as const;
/** The instructions on locals. */
export const LOCAL = { get: 0x20, set: 0x21, tee: 0x22 } as const;

/** Where a branch goes: the end of a block, or the start of a loop. */
export interface Label {
  readonly depth: number;
  /** What a branch takes along. */
  readonly type: ValueType | null;
}

/** What is on the stack, by its type. */
export const STACKED: Readonly<Record<ValueType, Stacked>> = Object.fromEntries(
  Object.keys(TYPE_BYTES).map((type) => [type, { kind: "stack", type }]),
) as Record<ValueType, Stacked>;

let current: FunctionWriter | undefined;

/** The function that is being written. */
export function writing(): FunctionWriter {
  if (current === undefined) throw new TypeError("Cannot write an instruction: no function is being written");
  return current;
}

/**
 * A function that is being written: its code so far, and what would be on the stack where it ends. An operand that
 * is no value on the stack is written where it belongs, which may be before the code of later operands.
 */
export class FunctionWriter {
  readonly code: ByteWriter = new ByteWriter();
  readonly #type: FunctionType;
  /** Parameters and locals. */
  readonly #locals: ValueType[];
  readonly #calls: CallSite[] = [];
  /** The type of each value on the stack, and where the code begins that makes it. */
  readonly #stack: ValueType[] = [];
  readonly #starts: number[] = [];
  readonly #labels: Label[] = [];
  /** How many values are below those of the innermost block. */
  #floor = 0;
  /** Whether nothing reaches the end of the code, so that the stack may hold whatever is wanted. */
  #isDead = false;

  constructor(type: FunctionType) {
    this.#type = type;
    this.#locals = [...type.parameters];
  }

  /** Adds a local. */
  local<T extends ValueType>(type: T): Local<T> {
    return { kind: "local", type, index: this.#locals.push(type) - 1 };
  }

  /** Puts operands on the stack that are not there yet. */
  place(name: string, types: readonly ValueType[], operands: readonly Operand<ValueType>[]): void {
    const count = operands.length;
    if (count === 0) return;
    if (count !== types.length) {
      throw new TypeError(`Cannot write ${name}: it takes ${types.length} operands, but is given ${count}`);
    }
    let later = 0;
    for (const operand of operands) if (typeof operand === "object" && operand.kind === "stack") later++;
    for (let i = 0; i < count; i++) {
      const operand = operands[i]!;
      if (typeof operand === "object" && operand.kind === "stack") later--;
      else this.#placeBelow(later, name, types[i]!, operand);
    }
  }

  /** Puts a local or a constant on the stack, below the uppermost `above` values. */
  #placeBelow(above: number, name: string, type: ValueType, operand: Local | number): void {
    const { code } = this;
    const from = code.length;
    if (typeof operand === "number") this.#constant(name, type, operand);
    else {
      code.byte(LOCAL.get);
      code.unsigned(operand.index);
    }
    const found = typeof operand === "number" ? type : operand.type;
    if (above === 0) return void this.push(found, from);
    const level = this.#stack.length - above;
    if (level < this.#floor) throw new TypeError(`Cannot write ${name}: its operands are not on the stack`);
    const to = this.#starts[level]!;
    const bytes = code.length - from;
    code.moveBack(from, to);
    for (let i = level; i < this.#starts.length; i++) this.#starts[i]! += bytes;
    for (let i = this.#calls.length - 1; i >= 0 && this.#calls[i]!.at >= to; i--) this.#calls[i]!.at += bytes;
    this.#stack.splice(level, 0, found);
    this.#starts.splice(level, 0, to);
  }

  #constant(name: string, type: ValueType, value: number): void {
    const { code } = this;
    if (type === "v128") {
      throw new TypeError(`Cannot write ${name}: it takes a v128, but is given the number ${value}`);
    }
    code.byte(CONSTANTS[type]);
    if (type === "i32") code.signed(value);
    else if (type === "f32") code.float32(value);
    else code.float64(value);
  }

  /** Takes operands from the stack; returns where the code of the first begins. */
  pop(name: string, types: readonly ValueType[]): number {
    const level = this.#stack.length - types.length;
    if (level < this.#floor && !this.#isDead) {
      const has = this.#stack.slice(this.#floor).join(", ") || "nothing";
      throw new TypeError(`Cannot write ${name}: it takes ${types.join(", ")}, but the stack has ${has}`);
    }
    for (let i = Math.max(0, this.#floor - level); i < types.length; i++) {
      if (this.#stack[level + i] === types[i]) continue;
      const has = this.#stack.slice(level).join(", ");
      throw new TypeError(`Cannot write ${name}: it takes ${types.join(", ")}, but the stack has ${has}`);
    }
    const rest = Math.max(level, this.#floor);
    const start = this.#starts[rest] ?? this.code.length;
    this.#stack.length = this.#starts.length = rest;
    return start;
  }

  /** Puts a value on the stack whose code begins at a byte. */
  push<T extends ValueType>(type: T, start: number): Stacked<T> {
    this.#stack.push(type);
    this.#starts.push(start);
    return STACKED[type] as Stacked<T>;
  }

  /** Writes what takes operands from the stack and may leave a result; what stands in the instruction follows. */
  instruction(
    name: string,
    opcode: number,
    types: readonly ValueType[],
    result: ValueType | null,
  ): Stacked | void {
    const start = this.pop(name, types);
    if (opcode > 0xff) {
      this.code.byte(opcode >> 16);
      this.code.unsigned(opcode & 0xffff);
    } else this.code.byte(opcode);
    if (result !== null) return this.push(result, start);
  }

  /** The type of the value that is `below` others on the stack. */
  peek(name: string, below = 0): ValueType {
    const level = this.#stack.length - 1 - below;
    if (level < this.#floor) throw new TypeError(`Cannot write ${name}: nothing is on the stack`);
    return this.#stack[level]!;
  }

  /** After an instruction that goes elsewhere for good. */
  die(): void {
    this.#stack.length = this.#starts.length = this.#floor;
    this.#isDead = true;
  }

  /** Writes a block. */
  block(
    name: string,
    opcode: number,
    result: ValueType | null,
    bodies: readonly ((label: Label) => void)[],
  ): void {
    const start = name === "if" ? this.pop(name, ["i32"]) : this.code.length;
    this.code.byte(opcode);
    this.code.byte(result === null ? NO_RESULT : TYPE_BYTES[result]);
    const [floor, isDead] = [this.#floor, this.#isDead];
    const label = { depth: this.#labels.length, type: name === "loop" ? null : result };
    this.#labels.push(label);
    this.#floor = this.#stack.length;
    bodies.forEach((body, i) => {
      if (i > 0) this.code.byte(ELSE);
      this.#isDead = false;
      body(label);
      this.#leave(name, result === null ? [] : [result]);
    });
    this.code.byte(END);
    this.#labels.pop();
    [this.#floor, this.#isDead] = [floor, isDead];
    if (result !== null) this.push(result, start);
  }

  /** Takes what a block leaves from the stack, which must be all. */
  #leave(name: string, results: readonly ValueType[]): void {
    this.pop(`the end of ${name}`, results);
    if (this.#stack.length === this.#floor) return;
    const rest = this.#stack.slice(this.#floor).join(", ");
    throw new TypeError(`Cannot end ${name}: the stack still has ${rest}`);
  }

  /** How many blocks a branch to a label leaves. */
  distance(name: string, label: Label): number {
    if (this.#labels[label.depth] !== label) throw new TypeError(`Cannot write ${name}: its block has ended`);
    return this.#labels.length - 1 - label.depth;
  }

  /** Writes the index of a function, as soon as it is known. */
  index(target: WasmFunction): void {
    this.#calls.push({ at: this.code.length, target });
  }

  /** What a return takes along. */
  get results(): readonly ValueType[] {
    return this.#type.results;
  }

  /** Runs what writes the body. */
  write(body: () => void): WrittenFunction {
    const outer = current;
    current = this;
    try {
      body();
      this.#leave("the function", this.#type.results);
      this.code.byte(END);
    } finally {
      current = outer;
    }
    return {
      kind: "function",
      type: this.#type,
      locals: this.#locals.slice(this.#type.parameters.length),
      code: this.code.finish(),
      calls: this.#calls,
    };
  }
}

/** The locals for some types. */
export type LocalsOf<T extends readonly Type[]> = {
  -readonly [K in keyof T]: T[K] extends Type<infer V> ? Local<V> : never;
};

/**
 * Writes a function.
 *
 * @param signature The types of its parameters, of its first locals, and of what it leaves on the stack
 * @param write Writes its instructions; {@linkcode newLocal} adds locals meanwhile
 */
export function func<const P extends readonly Type[], const L extends readonly Type[] = []>(
  signature: { readonly in: P; readonly locals?: L; readonly out: readonly Type[] },
  write: (parameters: LocalsOf<P>, locals: LocalsOf<L>) => void,
): WrittenFunction {
  const parameters = signature.in.map(({ type }) => type);
  const writer = new FunctionWriter({ parameters, results: signature.out.map(({ type }) => type) });
  const given = parameters.map((type, index): Local => ({ kind: "local", type, index }));
  const own = (signature.locals ?? []).map(({ type }) => writer.local(type));
  return writer.write(() => write(given as LocalsOf<P>, own as LocalsOf<L>));
}

/** Adds a local to the function that is being written. */
export function newLocal<T extends ValueType>({ type }: Type<T>): Local<T> {
  return writing().local(type);
}
