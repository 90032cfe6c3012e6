/** What the sweeps are made of that bring a matrix of two diagonals to one. */

/** The rotations that are kept before they are done, for each column. */
const KEPT = 64;

/**
 * Sweeps of Givens rotations of neighbouring columns, which are kept and done together: then four rows stay in the
 * cache while all sweeps pass over them, and a number moves to the next rotation without being stored (Van Zee, van de
 * Geijn and Quintana-Orti, "Restructuring the tridiagonal and bidiagonal QR algorithms for performance", 2014).
 */
export class Rotations {
  readonly #columns: number;
  /** The matrix that is rotated. */
  readonly #matrix: Float64Array;
  /** Cosine and sine of each rotation. */
  readonly #turns: Float64Array;
  /** The first and the last column of each sweep. */
  readonly #spans: number[] = [];
  #count = 0;

  /** @param matrix Rows of `columns` numbers, which are rotated in place */
  constructor(matrix: Float64Array, columns: number) {
    this.#matrix = matrix;
    this.#columns = columns;
    this.#turns = new Float64Array(2 * KEPT * Math.max(columns, 1));
  }

  /** Begins a sweep of the columns from `first` to `last`, for which `last - first` rotations are added. */
  begin(first: number, last: number): void {
    if (2 * (this.#count + last - first) > this.#turns.length) this.finish();
    this.#spans.push(first, last);
  }

  /** Adds the next rotation of a sweep: columns x and y become `c x + s y` and `c y - s x`. */
  add(c: number, s: number): void {
    this.#turns[2 * this.#count] = c;
    this.#turns[2 * this.#count++ + 1] = s;
  }

  /** Does all rotations that were added. */
  finish(): void {
    const size = this.#matrix.length;
    const block = 4 * this.#columns;
    let start = 0;
    for (; start + block <= size; start += block) this.#each((...sweep) => this.#rotateFour(start, ...sweep));
    for (; start < size; start += this.#columns) this.#each((...sweep) => this.#rotateOne(start, ...sweep));
    this.#spans.length = 0;
    this.#count = 0;
  }

  #each(rotate: (first: number, last: number, turn: number) => void): void {
    for (let i = 0, turn = 0; i < this.#spans.length; i += 2) {
      const first = this.#spans[i]!, last = this.#spans[i + 1]!;
      rotate(first, last, turn);
      turn += 2 * (last - first);
    }
  }

  #rotateFour(row: number, first: number, last: number, turn: number): void {
    const data = this.#matrix, turns = this.#turns, width = this.#columns;
    let a = row + first, b = a + width, c = b + width, d = c + width;
    let p = data[a]!, q = data[b]!, r = data[c]!, s = data[d]!;
    for (const end = row + last; a < end; turn += 2) {
      const cosine = turns[turn]!, sine = turns[turn + 1]!;
      const w = data[a + 1]!, x = data[b + 1]!, y = data[c + 1]!, z = data[d + 1]!;
      data[a++] = cosine * p + sine * w;
      data[b++] = cosine * q + sine * x;
      data[c++] = cosine * r + sine * y;
      data[d++] = cosine * s + sine * z;
      p = cosine * w - sine * p;
      q = cosine * x - sine * q;
      r = cosine * y - sine * r;
      s = cosine * z - sine * s;
    }
    data[a] = p;
    data[b] = q;
    data[c] = r;
    data[d] = s;
  }

  #rotateOne(row: number, first: number, last: number, turn: number): void {
    const data = this.#matrix, turns = this.#turns;
    let p = data[row + first]!;
    let a = row + first;
    for (const end = row + last; a < end; turn += 2) {
      const next = data[a + 1]!;
      data[a++] = turns[turn]! * p + turns[turn + 1]! * next;
      p = turns[turn]! * next - turns[turn + 1]! * p;
    }
    data[a] = p;
  }
}

/** The rotation that turns `(x, y)` into `(length, 0)`. */
export interface Turn {
  c: number;
  s: number;
  length: number;
}

/** Writes the rotation of a vector into `turn`. */
export function turnToAxis(x: number, y: number, turn: Turn): void {
  if (y === 0) {
    turn.c = 1;
    turn.s = 0;
    turn.length = x;
    return;
  }
  const square = x * x + y * y;
  const length = square > 1e-280 && square < 1e280 ? Math.sqrt(square) : Math.hypot(x, y);
  turn.c = x / length;
  turn.s = y / length;
  turn.length = length;
}

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
