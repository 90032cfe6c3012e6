import { fillBits, randomOrder, seedWords, threefry, unitInterval } from "../_internal/threefry.ts";

/** Random numbers in a row, the same for the same seed; for data that is made up, not for training. */
export class Draws {
  readonly #key0: number;
  readonly #key1: number;
  readonly #bits: Uint32Array = new Uint32Array(1024);
  #next: number = this.#bits.length;
  #drawn = 0;

  /** Starts from a seed, an integer from 0 to 2^53 - 1. */
  constructor(seed: number) {
    [this.#key0, this.#key1] = threefry(...seedWords(seed), 0, 0xfffffffb);
  }

  /** A number from low up to high. */
  uniform(low = 0, high = 1): number {
    if (this.#next === this.#bits.length) {
      fillBits(this.#key0, this.#key1, 1, this.#drawn, this.#bits);
      this.#drawn += this.#bits.length / 2;
      this.#next = 0;
    }
    return low + (high - low) * unitInterval(this.#bits[this.#next++]!, this.#bits[this.#next++]!);
  }

  /** A number with mean 0 and standard deviation 1 (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The integers from 0 to count - 1 in random order. */
  order(count: number): Uint32Array {
    return randomOrder(...threefry(this.#key0, this.#key1, count, 2), count);
  }
}
