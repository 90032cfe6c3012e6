import { median } from "../data/_statistics.ts";

/** Of more numbers than these a random sample of them stands for all when the median is taken. */
const MOST_KEPT = 100_000;

/** Mean, standard deviation and median of numbers that come one by one. */
export class RunningStatistics {
  readonly #random: () => number;
  readonly #kept: number[] = [];
  #count = 0;
  #mean = 0;
  #squares = 0;

  /** @param random Draws from 0 to 1, for the sample */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Takes a number in (Welford 1962). */
  add(value: number): void {
    this.#count++;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
    if (this.#kept.length < MOST_KEPT) {
      this.#kept.push(value);
      return;
    }
    // Reservoir sampling (Vitter 1985, algorithm R): each number is in the sample with the same probability.
    const place = Math.floor(this.#random() * this.#count);
    if (place < MOST_KEPT) this.#kept[place] = value;
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  /** The standard deviation of the population, or 1 where all numbers are the same. */
  get scale(): number {
    return Math.sqrt(this.#squares / this.#count) || 1;
  }

  get median(): number {
    return median(Float64Array.from(this.#kept));
  }
}

/** Numbers from 0 to 1 that look random, the same for the same seed and number (MurmurHash3's finalizer). */
export function hashToUnit(seed: number, number: number): number {
  let h = Math.imul(number ^ Math.imul(seed + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
