import * as t from "../../mod.ts";
import fixture from "../fixtures/pytorch/binary.json" with { type: "json" };
import { testCases } from "./pytorch.ts";

testCases(fixture, {
  add: ([x, y]) => t.add(x!, y!),
  sub: ([x, y]) => t.sub(x!, y!),
  mul: ([x, y]) => t.mul(x!, y!),
  div: ([x, y]) => t.div(x!, y!),
  pow: ([x, y]) => t.pow(x!, y!),
  maximum: ([x, y]) => t.maximum(x!, y!),
  minimum: ([x, y]) => t.minimum(x!, y!),
  atan2: ([y, x]) => t.atan2(y!, x!),
  hypot: ([x, y]) => t.hypot(x!, y!),
  logaddexp: ([x, y]) => t.logAddExp(x!, y!),
  xlogy: ([x, y]) => t.xlogy(x!, y!),
  where: ([condition, x, y]) => t.where(condition!, x!, y!),
  lerp: ([start, end, weight], attrs) => t.lerp(start!, end!, weight ?? attrs.weight),
  sameTensorTwice: ([x]) => t.mul(x!, x!).add(t.div(x!, t.mul(x!, x!).add(1))),
});
