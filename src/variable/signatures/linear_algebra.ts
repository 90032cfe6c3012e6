import type { Variable } from "../variable.ts";

/** The factors of `x = q r`. */
export interface QrDecomposition {
  /** Orthonormal columns, `[..., m, min(m, n)]`. */
  readonly q: Variable;
  /** Upper triangular with a diagonal that is not negative, `[..., min(m, n), n]`. */
  readonly r: Variable;
}

/** Eigenvalues and eigenvectors: `x = vectors diag(values) transpose(vectors)`. */
export interface Eigendecomposition {
  /** The eigenvalues, ascending, `[..., n]`. */
  readonly values: Variable;
  /** The eigenvectors as columns, orthonormal, `[..., n, n]`. */
  readonly vectors: Variable;
}

/** The factors of `x = u diag(s) transpose(v)`. */
export interface SingularValueDecomposition {
  /** The left vectors as columns, orthonormal, `[..., m, min(m, n)]`. */
  readonly u: Variable;
  /** The singular values, descending, `[..., min(m, n)]`. */
  readonly s: Variable;
  /** The right vectors as columns (not transposed), orthonormal, `[..., n, min(m, n)]`. */
  readonly v: Variable;
}

/** The determinant as `sign * exp(logDeterminant)`. */
export interface SignAndLogDeterminant {
  /** -1, 0 or 1; its derivative is 0. */
  readonly sign: Variable;
  /** The logarithm of the size. */
  readonly logDeterminant: Variable;
}

/** How a triangular matrix is read. */
export interface TriangularSolveOptions {
  /** Whether the upper triangle is read, not the lower; false by default. */
  readonly upper?: boolean;
  /** Whether the system of the transposed matrix is solved; false by default. */
  readonly transpose?: boolean;
  /** Whether the diagonal is taken as ones, whatever it holds; false by default. */
  readonly unitDiagonal?: boolean;
}

/** What counts as zero in a pseudo-inverse. */
export interface PseudoInverseOptions {
  /** Singular values up to this fraction of the largest count as 0; by default `max(m, n)` roundings. */
  readonly tolerance?: number;
}

/** Which axes a tensor product sums over. */
export interface TensordotOptions {
  /**
   * A number n for the last n axes of x and the first n of y, or the axes of x and those of y; by default 2.
   */
  readonly axes?: number | readonly [xAxes: readonly number[], yAxes: readonly number[]];
}
