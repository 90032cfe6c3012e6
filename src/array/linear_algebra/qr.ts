import type { DType } from "../dtype.ts";
import { eachMatrix } from "./matrices.ts";
import { columnsOfIdentity, reflectAll, triangularize } from "./reflections.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";

/**
 * Q over R of each matrix with at least as many rows as columns, by Householder reflections (Golub and Van
 * Loan, algorithm 5.2.1); the diagonal of R is not negative.
 *
 * @param shape `[...batch, rows + columns, columns]`
 */
export function qrArray(a: NdArray, shape: Shape, dtype: DType): NdArray {
  const [m, n] = a.shape.slice(-2) as [number, number];
  return eachMatrix(a, shape, (m + n) * n, dtype, (r, out, at) => {
    const reflections = triangularize(r, m, n);
    const q = columnsOfIdentity(m, n);
    reflectAll(q, m, n, reflections);
    const top = m * n;
    for (let k = 0; k < n; k++) {
      const sign = r[k * n + k]! < 0 ? -1 : 1;
      for (let i = 0; i < m; i++) out[at + i * n + k] = sign * q[i * n + k]!;
      for (let j = k; j < n; j++) out[at + top + k * n + j] = sign * r[k * n + j]!;
    }
  });
}
