/** The rounding of a number next to 1. */
export const EPSILON: number = 2 ** -52;
/** The sweeps after which a number of a spectrum counts as not to be found; two or three are usual. */
const SWEEPS = 50;

/**
 * Sweeps over blocks of a matrix of two diagonals until the one beside the other is 0. What is negligible there is set
 * to 0, which parts the matrix into blocks; the last one is swept.
 *
 * @param floor A size below which neighbours on the diagonal count as that large
 * @param sweep Makes what stands beside the diagonal smaller, from `first` to `last`
 * @returns False if it takes too long
 */
export function deflate(
  diagonal: Float64Array,
  beside: Float64Array,
  floor: number,
  sweep: (first: number, last: number) => void,
): boolean {
  let sweeps = 0;
  for (let last = diagonal.length - 1; last > 0;) {
    let first = last;
    for (; first > 0; first--) {
      const size = Math.abs(diagonal[first]!) + Math.abs(diagonal[first - 1]!);
      if (Math.abs(beside[first - 1]!) <= EPSILON * Math.max(size, floor)) break;
    }
    if (first > 0) beside[first - 1] = 0;
    if (first === last) {
      last--;
      sweeps = 0;
      continue;
    }
    if (sweeps++ === SWEEPS) return false;
    sweep(first, last);
  }
  return true;
}
