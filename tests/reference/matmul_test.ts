import fixture from "../fixtures/pytorch/matmul.json" with { type: "json" };
import { dot, einsum, matmul, tensordot } from "../../mod.ts";
import { testCases } from "./pytorch.ts";

testCases(fixture, {
  matmul: ([x, y]) => matmul(x!, y!),
  einsum: (operands, { equation }) => einsum(equation, ...operands),
  dot: ([x, y]) => dot(x!, y!),
  linear: ([x, weights, bias]) => einsum("bi,oi->bo", x!, weights!).add(bias!),
  tensordot: ([x, y], { axes }) => tensordot(x!, y!, { axes }),
  bilinear: ([x, y, weights, bias]) => einsum("bi,oij,bj->bo", x!, weights!, y!).add(bias!),
});
