import * as t from "../../mod.ts";
import fixture from "../fixtures/pytorch/unary_wide.json" with { type: "json" };
import { testCases } from "./pytorch.ts";

testCases(fixture, {
  sigmoid: ([x]) => t.sigmoid(x!),
  softplus: ([x]) => t.softplus(x!),
  log1p: ([x]) => t.log1p(x!),
  erf: ([x]) => t.erf(x!),
  lgamma: ([x]) => t.lgamma(x!),
  gelu: ([x]) => t.gelu(x!),
  mish: ([x]) => t.mish(x!),
  asinh: ([x]) => t.asinh(x!),
});
