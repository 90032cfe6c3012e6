import fixture from "../fixtures/pytorch/linalg.json" with { type: "json" };
import {
  cholesky,
  determinant,
  inverse,
  matrixExp,
  qr,
  quadraticForm,
  singularValues,
  solve,
  trace,
  triangularSolve,
} from "../../mod.ts";
import { testCases } from "./pytorch.ts";

testCases(fixture, {
  det: ([x]) => determinant(x!),
  inv: ([x]) => inverse(x!),
  solve: ([a, b]) => solve(a!, b!),
  cholesky: ([x]) => cholesky(x!),
  trace: ([x]) => trace(x!),
  triangularSolve: ([a, b], { upper }) => triangularSolve(a!, b!, { upper }),
  frobeniusNorm: ([x]) => x!.square().sum().sqrt(),
  matrixExp: ([x]) => matrixExp(x!),
  svdvals: ([x]) => singularValues(x!),
  quadraticForm: ([x, a]) => quadraticForm(x!, a!),
  // The fixture has R with a positive diagonal.
  qrProduct: ([x]) => qr(x!).r,
});
