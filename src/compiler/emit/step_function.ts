/** Runs of steps as one WebAssembly function, which every thread calls with its number. */
import { ARRIVED, TURN } from "../wasm/thread_control_words.ts";
import type { Division } from "../plan/division.ts";
import type { Node } from "../graph/nodes.ts";
import {
  $,
  type Address,
  br_if,
  call,
  func,
  i32,
  if_,
  importFunc,
  local,
  loop,
  memory,
  return_,
  type WasmFunction,
} from "../wasm/writer.ts";

/** What is passed to a function. */
export type Argument =
  /** An address: some bytes into a value, and `step` bytes on for each element before the part. */
  | { readonly kind: "value"; readonly node: Node; readonly offset: number; readonly step: number }
  /** Workspace, with some bytes for each thread or chunk. */
  | {
    readonly kind: "workspace";
    readonly start: number;
    readonly perThread: number;
    readonly perChunk: number;
  }
  | { readonly kind: "number"; readonly value: number }
  /** Where the part begins that is to be done, and how long it is. */
  | { readonly kind: "begin" }
  | { readonly kind: "length" };

/** A call of a function. */
export interface Call {
  readonly code: WasmFunction;
  readonly arguments: readonly Argument[];
  /** How it may be divided into several calls; null if not at all. */
  readonly division: Division | null;
  /** Whether the parts run in all threads. */
  readonly isParallel: boolean;
  /** About how long it takes, in instructions on vectors. */
  readonly work: number;
  /** Whether it may run at the same time as the call before it. */
  readonly isIndependent: boolean;
}

/** A call that is never divided. */
export function wholeCall(code: WasmFunction, values: readonly Argument[]): Call {
  return { code, arguments: values, division: null, isParallel: false, work: 0, isIndependent: false };
}

/** Workspace, as an argument. */
export function workspaceAt(start: number, perChunk = 0): Argument {
  return { kind: "workspace", start, perThread: 0, perChunk };
}

/** The start of a value, as an argument. */
export function valueAt(node: Node, offset = 0, step = 0): Argument {
  return { kind: "value", node, offset, step };
}

/** Calls of one step, and where its workspace begins. */
export interface StepCalls {
  readonly calls: readonly Call[];
  readonly scratch: number;
}

/** Where a value is. */
export interface Location {
  /**
   * `start` counts from the program's workspace, or is an address, or the address of a word that holds the
   * address.
   */
  readonly from: "workspace" | "memory" | "pointer";
  readonly start: number;
  /** Bytes on from there. */
  readonly offset: number;
}

/** Where each value is. */
export type Placement = (node: Node) => Location;

/** How often a thread looks whether the others have come before it sleeps: for some 20 us. */
const SPINS = 10_000;

/**
 * A function that returns when all threads have called it; at once if its operand is not 0.
 *
 * @param wait What sleeps until the word at `TURN` is no longer the one given
 */
export function emitBarrier(threads: number, wait: (turn: number) => void): WasmFunction {
  const sleep = importFunc({ in: [i32], out: [] }, wait);
  return func({ in: [i32], locals: [i32, i32], out: [] }, ([leave], [turn, spins]) => {
    local.set(turn, i32.atomic.load({}, TURN));
    i32.eq(i32.atomic.rmw.add({}, ARRIVED, 1), threads - 1);
    if_({}, () => {
      i32.atomic.store({}, ARRIVED, 0);
      i32.atomic.rmw.add({}, TURN, 1);
      local.set(spins);
      memory.atomic.notify({}, TURN, -1);
      local.set(spins);
      return_();
    });
    local.get(leave);
    if_({}, return_);
    local.set(spins, SPINS);
    loop({}, (label) => {
      i32.ne(i32.atomic.load({}, TURN), turn);
      if_({}, return_);
      local.set(spins, i32.sub(spins, 1));
      local.get(spins);
      br_if(label);
    });
    call(sleep, [turn]);
  });
}

/**
 * A function of the address of the program's memory, and of the number of the thread if there are several, that
 * runs some steps.
 */
export function emitStepFunction(
  steps: readonly StepCalls[],
  place: Placement,
  threads: number,
  barrier: WasmFunction | null,
): WasmFunction {
  const inputs = barrier === null ? [i32] : [i32, i32];
  return func({ in: inputs, locals: [i32, i32, i32, i32], out: [] }, ([base, thread], locals) => {
    const [begin, length, chunk, last] = locals;
    new StepFunctionWriter(
      {
        base: base!,
        thread: barrier === null ? null : thread!,
        begin,
        length,
        chunk,
        last,
      },
      place,
      threads,
      barrier,
    ).write(steps);
  });
}

interface StepFunctionLocals {
  readonly base: Address;
  /** The number of the thread; null if there is only one. */
  readonly thread: Address | null;
  readonly begin: Address;
  readonly length: Address;
  readonly chunk: Address;
  readonly last: Address;
}

class StepFunctionWriter {
  readonly #locals: StepFunctionLocals;
  readonly #place: Placement;
  readonly #threads: number;
  readonly #barrier: WasmFunction | null;

  constructor(locals: StepFunctionLocals, place: Placement, threads: number, barrier: WasmFunction | null) {
    this.#locals = locals;
    this.#place = place;
    this.#threads = threads;
    this.#barrier = barrier;
  }

  /**
   * Between a call of all threads and any other they meet at the barrier; neighbouring calls of the first thread
   * alone go together.
   */
  write(steps: readonly StepCalls[]): void {
    const calls = steps.flatMap(({ calls, scratch }) => calls.map((call) => ({ call, scratch })));
    let next = 0;
    let isOpen = false;
    while (next < calls.length) {
      const { call, scratch } = calls[next]!;
      if (!this.#isShared(call)) {
        const from = next;
        while (next < calls.length && !this.#isShared(calls[next]!.call)) next++;
        const alone = () =>
          calls.slice(from, next).forEach(({ call, scratch }) => this.#whole(call, scratch));
        if (isOpen) this.#meet(false);
        this.#firstOnly(alone);
        isOpen = this.#barrier !== null;
        continue;
      }
      if (isOpen && !call.isIndependent) this.#meet(false);
      this.#share(call, scratch);
      isOpen = true;
      next++;
    }
    if (isOpen && this.#barrier !== null && this.#isShared(calls.at(-1)!.call)) this.#meet(true);
  }

  #isShared(call: Call): boolean {
    return this.#barrier !== null && call.isParallel;
  }

  /** Waits for the other threads; at the end only the first has to. */
  #meet(isEnd: boolean): void {
    if (this.#barrier === null) return;
    if (isEnd) local.get(this.#locals.thread!);
    else i32.const(0);
    call(this.#barrier);
  }

  #firstOnly(code: () => void): void {
    if (this.#barrier === null) return code();
    i32.eqz(this.#locals.thread!);
    if_({}, code);
  }

  /** A call by one thread. */
  #whole(call: Call, scratch: number): void {
    const { division } = call;
    const { chunk, last } = this.#locals;
    if (division === null) return this.#call(call, scratch, null);
    if (division.chunks > 0) {
      local.set(chunk, 0);
      local.set(last, division.chunks);
      return this.#chunks(call, division, scratch);
    }
    local.set(this.#locals.begin, 0);
    local.set(this.#locals.length, division.length);
    this.#call(call, scratch, null);
  }

  /** This thread's part of a call. */
  #share(call: Call, scratch: number): void {
    const division = call.division!;
    const { begin, length, chunk, last } = this.#locals;
    const thread = this.#locals.thread!;
    const { chunks } = division;
    const next = () => i32.add(thread, 1);
    if (chunks > 0) {
      local.set(chunk, i32.div_u(i32.mul(thread, chunks), this.#threads));
      local.set(last, i32.div_u(i32.mul(next(), chunks), this.#threads));
      i32.lt_u(chunk, last);
      return void if_({}, () => this.#chunks(call, division, scratch));
    }
    setBound(begin, division, this.#threads, () => local.get(thread));
    setBound(length, division, this.#threads, next);
    local.set(length, i32.sub(length, begin));
    local.get(length);
    if_({}, () => this.#call(call, scratch, thread));
  }

  /** Calls for the chunks from `chunk` to `last`. */
  #chunks(call: Call, division: Division, scratch: number): void {
    const { begin, length, chunk, last } = this.#locals;
    loop({}, (label) => {
      setBound(begin, division, division.chunks, () => local.get(chunk));
      setBound(length, division, division.chunks, () => i32.add(chunk, 1));
      local.set(length, i32.sub(length, begin));
      this.#call(call, scratch, this.#locals.thread);
      local.set(chunk, i32.add(chunk, 1));
      i32.lt_u(chunk, last);
      br_if(label);
    });
  }

  /** Calls a function for the part that starts at `begin`. */
  #call({ code, arguments: values, division }: Call, scratch: number, thread: Address | null): void {
    for (const value of values) this.#argument(value, scratch, division, thread);
    call(code);
  }

  /** Leaves an argument on the stack. */
  #argument(argument: Argument, scratch: number, division: Division | null, thread: Address | null): void {
    const { base, begin, length, chunk } = this.#locals;
    const addProduct = (factor: Address, bytes: number): void => {
      if (bytes > 0) i32.add($, i32.mul(factor, bytes));
    };
    if (argument.kind === "number") i32.const(argument.value);
    else if (argument.kind === "length") local.get(length);
    else if (argument.kind === "begin") local.get(begin);
    else if (argument.kind === "workspace") {
      i32.add(base, scratch + argument.start);
      if (thread !== null) addProduct(thread, argument.perThread);
      if (division !== null && division.chunks > 0) addProduct(chunk, argument.perChunk);
    } else {
      const { from, start, offset } = this.#place(argument.node);
      const bytes = offset + argument.offset;
      if (from === "memory") i32.const(start + bytes);
      else if (from === "workspace") i32.add(base, start + bytes);
      else i32.add(i32.load({}, start), bytes);
      if (division !== null) addProduct(begin, argument.step);
    }
  }
}

/** Sets a local to the start of a part: of so many parts the one with this number. */
function setBound(to: Address, { length, multiple }: Division, parts: number, part: () => void): void {
  part();
  i32.mul($, Math.ceil(length / multiple));
  i32.div_u($, parts);
  if (multiple > 1) i32.mul($, multiple);
  local.set(to);
  if (length % multiple === 0) return;
  // The last part ends where the range does.
  i32.gt_u(to, length);
  if_({}, () => local.set(to, length));
}
