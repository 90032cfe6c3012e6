/** The other threads: workers that run segments of programs together with the thread that calls them. */
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import {
  ARRIVED,
  FAILED,
  MAILBOX,
  MAILBOX_BYTES,
  MOST_THREADS,
  REASON,
  TURN,
  WATCH,
} from "../wasm/thread_control_words.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";
import { Thread, type ThreadProgram } from "./thread.ts";
import { WORKER } from "./thread_worker.ts";

/** How often workers are made ready before a call does without them. */
const ATTEMPTS = 3;

/** The workers of the process, shared by all programs that run in several threads. */
class ThreadPool {
  /** Milliseconds to wait for another thread at a barrier before giving up. */
  timeLimit = 60_000;
  /** Milliseconds that a call waits for workers that start. */
  startLimit = 5000;
  /** Whether workers are allowed: false once one was refused. */
  isAvailable = true;
  /** Milliseconds after which a worker with nothing to do ends. */
  idleLimit = 3000;
  /** Whether it was said that programs for several threads run in one. */
  hasWarned = false;
  #threads: Thread[] = [];
  #nextId = 1;
  readonly #programs = new Map<number, ThreadProgram>();
  #words: Int32Array | undefined;
  /** Whether workers were not there in time when they were last needed. */
  #isLate = false;
  /** The programs that a worker could not make ready. */
  readonly #refused = new Set<number>();
  /** The address of what the workers run. */
  #code: string | undefined;

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
    this.#refused.delete(id);
    if (this.#programs.delete(id) && this.#programs.size === 0) this.stop();
  }

  /**
   * Runs a segment of a program in several threads; false if that many are not there, and nothing has been done. The
   * first time workers are waited for; those that come later than that are used from then on.
   *
   * @param threads How many, with this one
   * @param own What this thread does: the segment, as thread 0
   * @throws {WebAssembly.RuntimeError} If another thread fails or gives no answer; the workers are ended then
   */
  run(id: number, threads: number, segment: number, base: number, own: () => void): boolean {
    if (!this.#isReady(id, threads)) return false;
    try {
      for (let i = 0; i < threads - 1; i++) {
        if (!this.#threads[i]!.run(id, segment, base)) throw failure("a worker has ended");
      }
      own();
    } catch (error) {
      this.stop();
      throw error;
    }
    return true;
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

  /** Whether all threads have a program, and none of them will end before it gets to what is sent next. */
  #isReady(id: number, threads: number): boolean {
    const used = threads - 1;
    // While one is waited for, another that has waited for too long may end.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (!this.isAvailable || this.#refused.has(id) || !this.#prepare(id, used)) return false;
      if (this.#stay(used)) return true;
    }
    return false;
  }

  #stay(used: number): boolean {
    for (let i = 0; i < used; i++) if (!this.#threads[i]!.isFresh) return false;
    return true;
  }

  /** Makes the workers that are missing, and sends a program to those that don't have it; whether all is well. */
  #prepare(id: number, used: number): boolean {
    for (let i = 0; i < Math.min(used, this.#threads.length); i++) {
      if (this.#threads[i]!.keep()) continue;
      this.stop();
      break;
    }
    if (this.#threads.length < used && !this.#addThreads(used)) return false;
    if (!this.#haveAnswered(used)) return false;
    for (let i = 0; i < used; i++) {
      const thread = this.#threads[i]!;
      if (!thread.has(id)) thread.send(id, this.#programs.get(id)!, (old) => !this.#programs.has(old));
    }
    if (!this.#haveAnswered(used)) return false;
    for (let i = 0; i < used; i++) {
      if (!this.#threads[i]!.hasRefused(id)) continue;
      this.#refused.add(id);
      this.warn(`another can't make the program ready, ${this.#reason()}`);
      return false;
    }
    return true;
  }

  /** Waits for answers, if all were in time before; false if one is missing. */
  #haveAnswered(used: number): boolean {
    for (let i = 0; i < used; i++) {
      if (this.#threads[i]!.answersWithin(this.#isLate ? 0 : this.startLimit)) continue;
      if (!this.#isLate) {
        this.warn(`others did not start within ${this.startLimit} ms, and are used as soon as they have`);
      }
      this.#isLate = true;
      return false;
    }
    this.#isLate = false;
    return true;
  }

  /** Makes workers until there are so many; false if that is not allowed. */
  #addThreads(count: number): boolean {
    try {
      // Kept, as a worker that is late has yet to read it.
      this.#code ??= URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" }));
      while (this.#threads.length < count) {
        const number = this.#threads.length + 1;
        this.#threads.push(
          new Thread(number, this.#code, this.#controlWords(), this.idleLimit, (why) => this.#giveUp(why)),
        );
      }
      return true;
    } catch (error) {
      // A policy of the page or the process may forbid workers.
      this.#giveUp(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #giveUp(reason: string): void {
    this.isAvailable = false;
    this.warn(`others can't be started, ${reason}`);
  }

  /** Says once that programs for several threads run in one. */
  warn(why: string): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    console.warn(`Compiled functions run in one thread: ${why}`);
  }

  /** Throws what another thread has thrown. */
  #check(): void {
    const words = this.#controlWords();
    if (Atomics.load(words, FAILED / 4) === 0) return;
    throw failure(this.#reason());
  }

  /** What another thread has written down. */
  #reason(): string {
    const words = this.#controlWords();
    return new TextDecoder().decode(new Uint8Array(words.buffer, REASON, words[FAILED / 4 + 1]).slice());
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
 * How many threads an option stands for: 1 where there are no workers, or this thread may not wait for them.
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
  if (wanted > 1 && canWait()) return wanted;
  if (option !== "auto" && wanted > 1) {
    threadPool.warn("there are no workers here, or this thread may not wait for them");
  }
  return 1;
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
