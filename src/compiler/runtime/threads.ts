/** The other threads: workers that run segments of programs together with the thread that calls them. */
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import {
  ARRIVED,
  BASE,
  DONE,
  EXIT,
  FAILED,
  GONE,
  KIND,
  MAILBOX,
  MAILBOX_BYTES,
  MOST_THREADS,
  PROGRAM,
  REASON,
  RELOAD,
  RUN,
  SEGMENT,
  SEQUENCE,
  TURN,
  WATCH,
} from "../wasm/thread_control_words.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";
import { WORKER } from "./thread_worker.ts";

/** Milliseconds that workers may take to end. */
const END_LIMIT = 1000;

/** Thrown when no other thread can be started: the program then runs in this one. */
export class NoThreads extends WebAssembly.RuntimeError {}

/** Where an import of a module comes from in another thread. */
export type ThreadImport =
  | { readonly kind: "memory" }
  /** A kernel, by the key of its library in {@linkcode ThreadProgram.libraries}. */
  | { readonly kind: "kernel"; readonly library: string; readonly name: string }
  /** A function, as JavaScript. */
  | { readonly kind: "function"; readonly source: string }
  /** What sleeps at the barrier. */
  | { readonly kind: "wait" }
  /** A function that other threads never call. */
  | { readonly kind: "none" };

/** A program as other threads need it: its module exports `run0`, `run1` and so on, one for each segment. */
export interface ThreadProgram {
  readonly module: WebAssembly.Module;
  readonly imports: Readonly<Record<string, ThreadImport>>;
  readonly libraries: Readonly<Record<string, WebAssembly.Module>>;
}

/** A worker, and the programs it has. */
class Thread {
  readonly #worker: Worker;
  readonly #words: Int32Array;
  /** The index of its mailbox among the words. */
  readonly #box: number;
  readonly #programs = new Set<number>();
  #sequence = 0;

  constructor(number: number, code: string, words: Int32Array, idleLimit: number) {
    this.#words = words;
    this.#box = (MAILBOX + MAILBOX_BYTES * (number - 1)) / 4;
    words.fill(0, this.#box, this.#box + MAILBOX_BYTES / 4);
    this.#worker = new Worker(code, { type: "module" });
    letGo(this.#worker);
    this.#worker.postMessage({ memory: sharedMemory(), thread: number, idleLimit });
  }

  /** Whether it has ended by itself. */
  get isGone(): boolean {
    return Atomics.load(this.#words, this.#box + SEQUENCE) === GONE;
  }

  has(id: number): boolean {
    return this.#programs.has(id);
  }

  /** Sends a program; `drop` are the programs that may be used no more. */
  send(id: number, program: ThreadProgram, isDropped: (id: number) => boolean): void {
    const dropped = [...this.#programs].filter(isDropped);
    this.#worker.postMessage({ id, ...program, dropped });
    for (const old of dropped) this.#programs.delete(old);
    this.#programs.add(id);
    this.#post(RELOAD);
  }

  /** Waits until it has what it was sent; whether it has within so many milliseconds. */
  hasReceived(limit: number): boolean {
    const at = this.#box + DONE;
    const end = performance.now() + limit;
    for (;;) {
      const done = Atomics.load(this.#words, at);
      if (done === this.#sequence) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#words, at, done, left);
    }
  }

  /** Has a segment run; false if the worker has ended by itself. */
  run(id: number, segment: number, base: number): boolean {
    this.#words[this.#box + PROGRAM] = id;
    this.#words[this.#box + SEGMENT] = segment;
    this.#words[this.#box + BASE] = base;
    return this.#post(RUN);
  }

  askToEnd(): void {
    this.#post(EXIT);
  }

  /** Waits until it has ended, not for ever. */
  end(): void {
    const at = this.#box + DONE;
    const end = performance.now() + END_LIMIT;
    while (!this.isGone && Atomics.load(this.#words, at) !== GONE && performance.now() < end) {
      Atomics.wait(this.#words, at, Atomics.load(this.#words, at), WATCH);
    }
    this.#worker.terminate();
  }

  #post(kind: number): boolean {
    const sequence = (this.#sequence + 1) & 0x3fffffff;
    this.#words[this.#box + KIND] = kind;
    const at = this.#box + SEQUENCE;
    if (Atomics.compareExchange(this.#words, at, this.#sequence, sequence) !== this.#sequence) return false;
    Atomics.notify(this.#words, at);
    this.#sequence = sequence;
    return true;
  }
}

/**
 * Lets the process end while a worker waits. Deno does this for `node:worker_threads` only, by a method under a
 * symbol without a name; where there is none, the worker ends when it has been idle for a while.
 */
function letGo(worker: Worker): void {
  const prototype = Worker.prototype as unknown as Record<symbol, unknown>;
  const symbol = Object.getOwnPropertySymbols(prototype).find((s) => s.description === undefined);
  if (symbol !== undefined && typeof prototype[symbol] === "function") {
    (worker as unknown as Record<symbol, (keep: boolean) => void>)[symbol]!(false);
  }
}

/** The workers of the process, shared by all programs that run in several threads. */
class ThreadPool {
  /** Milliseconds to wait for another thread at a barrier before giving up. */
  timeLimit = 60_000;
  /** Milliseconds that workers may take to start. */
  startLimit = 5000;
  /** Whether other threads could be started when they were last needed. */
  isAvailable = true;
  /** Milliseconds after which a worker with nothing to do ends. */
  idleLimit = 3000;
  #threads: Thread[] = [];
  #nextId = 1;
  readonly #programs = new Map<number, ThreadProgram>();
  #words: Int32Array | undefined;

  /** How many workers there are. */
  get size(): number {
    return this.#threads.length;
  }

  /** Adds a program; the number is what it is run by. */
  add(program: ThreadProgram): number {
    this.#programs.set(this.#nextId, program);
    return this.#nextId++;
  }

  /** Takes a program out; with the last one the workers end. */
  remove(id: number): void {
    if (this.#programs.delete(id) && this.#programs.size === 0) this.stop();
  }

  /**
   * Runs a segment of a program in several threads.
   *
   * @param threads How many, with this one
   * @param own What this thread does: the segment, as thread 0
   * @throws {NoThreads} If none can be started
   * @throws {WebAssembly.RuntimeError} If another thread fails or gives no answer; the workers are ended then
   */
  run(id: number, threads: number, segment: number, base: number, own: () => void): void {
    try {
      while (!this.#start(id, threads, segment, base)) this.stop();
      own();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** What sleeps at the barrier, in this thread. */
  readonly wait = (turn: number): void => {
    const words = this.#controlWords();
    const end = performance.now() + this.timeLimit;
    while (Atomics.load(words, TURN / 4) === turn) {
      this.#check();
      if (performance.now() > end) throw failure(`there was no answer within ${this.timeLimit} ms`);
      Atomics.wait(words, TURN / 4, turn, WATCH);
    }
  };

  /** Ends the workers, also those that wait for this thread. New ones are made when they are needed. */
  stop(): void {
    if (this.#threads.length === 0) return;
    const words = this.#controlWords();
    if (Atomics.compareExchange(words, FAILED / 4, 0, 1) === 0) Atomics.store(words, FAILED / 4 + 1, 0);
    Atomics.notify(words, TURN / 4);
    for (const thread of this.#threads) thread.askToEnd();
    for (const thread of this.#threads) thread.end();
    this.#threads = [];
    words[ARRIVED / 4] = 0;
    Atomics.store(words, FAILED / 4, 0);
  }

  /** Has the other threads run a segment; false if one of them has ended by itself. */
  #start(id: number, threads: number, segment: number, base: number): boolean {
    this.#prepare(id, threads);
    for (let i = 0; i < threads - 1; i++) {
      if (!this.#threads[i]!.run(id, segment, base)) return false;
    }
    return true;
  }

  /** Makes the workers that are missing, and sends the program to those that don't have it. */
  #prepare(id: number, threads: number): void {
    if (this.#threads.length < threads - 1) {
      const code = URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" }));
      try {
        while (this.#threads.length < threads - 1) this.#addThread(code);
        this.#send(id, threads);
      } finally {
        URL.revokeObjectURL(code);
      }
    } else this.#send(id, threads);
  }

  #addThread(code: string): void {
    try {
      this.#threads.push(new Thread(this.#threads.length + 1, code, this.#controlWords(), this.idleLimit));
    } catch (error) {
      // A policy of the page or the process may forbid workers.
      throw this.#unavailable(error instanceof Error ? error.message : String(error));
    }
  }

  #unavailable(reason: string): NoThreads {
    this.isAvailable = false;
    return new NoThreads(reason);
  }

  #send(id: number, threads: number): void {
    let isNew = false;
    for (let i = 0; i < threads - 1; i++) {
      if (this.#threads[i]!.has(id)) continue;
      this.#threads[i]!.send(id, this.#programs.get(id)!, (old) => !this.#programs.has(old));
      isNew = true;
    }
    if (!isNew) return;
    for (let i = 0; i < threads - 1; i++) {
      if (!this.#threads[i]!.hasReceived(this.startLimit)) {
        throw this.#unavailable(`none could be started within ${this.startLimit} ms`);
      }
    }
    this.#check();
  }

  /** Throws what another thread has thrown. */
  #check(): void {
    const words = this.#controlWords();
    if (Atomics.load(words, FAILED / 4) === 0) return;
    const bytes = new Uint8Array(words.buffer, REASON, words[FAILED / 4 + 1]).slice();
    throw failure(new TextDecoder().decode(bytes));
  }

  #controlWords(): Int32Array {
    return this.#words ??= new Int32Array(
      sharedMemory().buffer,
      0,
      (MAILBOX + MOST_THREADS * MAILBOX_BYTES) / 4,
    );
  }
}

function failure(reason: string): WebAssembly.RuntimeError {
  return new WebAssembly.RuntimeError(
    `Cannot run a compiled function in several threads: ${reason}; use compile(f, { threads: 1 })`,
  );
}

/** The workers of the process. */
export const threadPool: ThreadPool = new ThreadPool();

/** More threads than this are of little use to programs of arrays, as they share the memory's bandwidth. */
const MOST_BY_DEFAULT = 4;

/**
 * How many threads an option stands for: 1 where workers or waiting for them are not allowed.
 *
 * @throws {RangeError} If it is neither `"auto"` nor an integer from 1 to 16
 */
export function threadCount(option: number | "auto"): number {
  if (option !== "auto" && !(Number.isInteger(option) && option >= 1 && option <= MOST_THREADS)) {
    throw new RangeError(
      message`Cannot compile with threads ${describeValue(option)}: use "auto" or an integer
      from 1 to ${MOST_THREADS}`,
    );
  }
  const wanted = option === "auto" ? Math.min(navigator.hardwareConcurrency ?? 1, MOST_BY_DEFAULT) : option;
  return wanted > 1 && canWait() ? wanted : 1;
}

/** Whether there are workers, and this thread may wait for them: the main thread of a browser may not. */
function canWait(): boolean {
  if (typeof Worker === "undefined") return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
