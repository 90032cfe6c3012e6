import type { Value } from "../../array/value.ts";

/** A program that is ready to run. */
export interface Program {
  /** What runs it. */
  readonly target: string;
  /**
   * Computes the results from the values of the inputs.
   *
   * @param isOwner Whether nobody else has the donated inputs: a result in the place of one is then the same
   *   array, and none is made
   */
  run(inputs: readonly Value[], isOwner?: boolean): Value[];
  /** Loops, matrix products and other kernels that one run calls. */
  readonly kernels: number;
  /** Bytes of memory that one run works in. */
  readonly bytes: number;
  /** How many threads it runs in, 1 by default. */
  readonly threads?: number;
  /** The groups and the memory plan as text. */
  describe(): { groups: string; memory: string };
  /** Gives its memory back. */
  release(): void;
}

/** Which result takes the place of which input: its number for the input's. */
export type Donations = ReadonlyMap<number, number>;

/** Which threads a program runs in. */
export interface Threading {
  /** How many. */
  readonly count: number;
  /** From which work on a step is divided between them, in instructions on vectors. */
  readonly leastWork: number;
}
