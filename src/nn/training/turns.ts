/** Milliseconds after which the event loop gets a turn, by default. */
export const YIELD_EVERY = 16;

/** Every so many turns are such that the network gets one, too. */
const LONG_TURN = 4;

interface Immediate {
  readonly setImmediate?: (f: () => void) => unknown;
}

/**
 * Gives the event loop turns while something long runs. `setImmediate` costs 0.15 ms and lets timers go on;
 * `setTimeout` costs 2 ms and lets the network go on as well.
 */
export class Turns {
  readonly #every: number;
  #next: number;
  #count = 0;

  /** @param every Milliseconds between turns; Infinity for none */
  constructor(every: number) {
    this.#every = every;
    this.#next = performance.now() + every;
  }

  /** Whether it is time. */
  get isDue(): boolean {
    return performance.now() >= this.#next;
  }

  /** Lets others run. */
  async take(): Promise<void> {
    const { setImmediate } = globalThis as Immediate;
    const isLong = ++this.#count % LONG_TURN === 0 || setImmediate === undefined;
    await new Promise<void>((done) => {
      if (isLong) setTimeout(done, 0);
      else setImmediate(done);
    });
    this.#next = performance.now() + this.#every;
  }
}
