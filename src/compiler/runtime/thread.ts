/** One worker, and how it is told what to do. */
import {
  BASE,
  DONE,
  EXIT,
  GONE,
  KIND,
  MAILBOX,
  MAILBOX_BYTES,
  PROGRAM,
  REFUSED,
  RELOAD,
  RUN,
  SEGMENT,
  SEQUENCE,
  STAY,
  WATCH,
} from "../wasm/thread_control_words.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";

/** Milliseconds that workers may take to end. */
const END_LIMIT = 1000;

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
export class Thread {
  readonly #worker: Worker;
  readonly #words: Int32Array;
  /** The index of its mailbox among the words. */
  readonly #box: number;
  readonly #programs = new Set<number>();
  /** The programs that it could not make ready. */
  readonly #refused = new Set<number>();
  readonly #idleLimit: number;
  #sequence = 0;
  /** The number of what it has yet to answer, or has answered last. */
  #asked = 0;
  /** When it was last sent anything. */
  #lastPost: number;

  /** @param onError Told why, when it turns out that it can't run */
  constructor(
    number: number,
    code: string,
    words: Int32Array,
    idleLimit: number,
    onError: (reason: string) => void,
  ) {
    this.#words = words;
    this.#box = (MAILBOX + MAILBOX_BYTES * (number - 1)) / 4;
    this.#idleLimit = idleLimit;
    this.#lastPost = performance.now();
    words.fill(0, this.#box, this.#box + MAILBOX_BYTES / 4);
    this.#worker = new Worker(code, { type: "module" });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      onError(event.message);
    };
    letGo(this.#worker);
    this.#worker.postMessage({ memory: sharedMemory(), thread: number, idleLimit });
  }

  /** Whether it has ended by itself. */
  get isGone(): boolean {
    return Atomics.load(this.#words, this.#box + SEQUENCE) === GONE;
  }

  /** Whether it has answered all that it was asked. */
  get hasAnswered(): boolean {
    return Atomics.load(this.#words, this.#box + DONE) === this.#asked;
  }

  /**
   * Makes sure that it does not end by itself before it gets to what is sent next; false if it has ended. To be
   * called before anything is run: by then it may be too late, as other threads have begun.
   */
  keep(): boolean {
    return this.isFresh || !this.hasAnswered ? !this.isGone : this.#ask(STAY);
  }

  /** Whether it can't have been idle for long enough to end. */
  get isFresh(): boolean {
    return performance.now() - this.#lastPost < this.#idleLimit / 2;
  }

  /** Whether it could not make a program ready. */
  hasRefused(id: number): boolean {
    this.#refused.add(this.#words[this.#box + REFUSED]!);
    return this.#refused.has(id);
  }

  has(id: number): boolean {
    return this.#programs.has(id);
  }

  /** Sends a program; `drop` are the programs that may be used no more. */
  send(id: number, program: ThreadProgram, isDropped: (id: number) => boolean): void {
    this.hasRefused(id);
    const dropped = [...this.#programs].filter(isDropped);
    this.#worker.postMessage({ id, ...program, dropped });
    for (const old of dropped) this.#programs.delete(old);
    this.#programs.add(id);
    this.#ask(RELOAD);
  }

  /** Waits until it has answered; whether it has within so many milliseconds. */
  answersWithin(limit: number): boolean {
    const at = this.#box + DONE;
    const end = performance.now() + limit;
    for (;;) {
      const done = Atomics.load(this.#words, at);
      if (done === this.#asked) return true;
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

  /** Waits until it has ended, not for ever; what has not even started is not waited for. */
  end(): void {
    if (!this.hasAnswered) return this.#worker.terminate();
    const at = this.#box + DONE;
    const end = performance.now() + END_LIMIT;
    while (!this.isGone && Atomics.load(this.#words, at) !== GONE && performance.now() < end) {
      Atomics.wait(this.#words, at, Atomics.load(this.#words, at), WATCH);
    }
    this.#worker.terminate();
  }

  /** Sends what it answers. */
  #ask(kind: number): boolean {
    const isSent = this.#post(kind);
    if (isSent) this.#asked = this.#sequence;
    return isSent;
  }

  #post(kind: number): boolean {
    const sequence = (this.#sequence + 1) & 0x3fffffff;
    this.#words[this.#box + KIND] = kind;
    const at = this.#box + SEQUENCE;
    if (Atomics.compareExchange(this.#words, at, this.#sequence, sequence) !== this.#sequence) return false;
    Atomics.notify(this.#words, at);
    this.#sequence = sequence;
    this.#lastPost = performance.now();
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
