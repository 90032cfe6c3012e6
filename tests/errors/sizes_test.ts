import { assertThrows } from "@std/assert";
import * as t from "../../mod.ts";

const long = (): t.Variable => t.zeros([100_000]);

/** Results that can't be had, of operands that can. */
const TOO_LARGE: Readonly<Record<string, () => unknown>> = {
  zeros: () => t.zeros([1e5, 1e5]),
  eye: () => t.eye(1e5),
  arange: () => t.arange(1e12),
  linspace: () => t.linspace(0, 1, 1e12),
  oneHot: () => t.oneHot(long(), 1e6),
  broadcastTo: () => t.broadcastTo(1, [1e5, 1e5]),
  tile: () => t.tile(long(), 1e5),
  repeat: () => t.repeat(long(), 1e5),
  pad: () => t.pad(long(), 1e10),
  outer: () => t.outer(long(), long()),
  kron: () => t.kron(long(), long()),
  add: () => t.add(long().reshape([-1, 1]), long()),
  matmul: () => t.matmul(long().reshape([-1, 1]), long().reshape([1, -1])),
  diag: () => t.diag(long()),
  resizeBilinear: () => t.resizeBilinear(t.zeros([1, 2, 2, 1]), [1e5, 1e5]),
  conv2d: () => t.conv2d(t.zeros([1, 2, 2, 1]), t.zeros([1, 1, 1, 1]), { padding: 1e5 }),
};
for (const [name, make] of Object.entries(TOO_LARGE)) {
  Deno.test(`${name}() refuses a size that can't be had, naming shape and bytes, before anything is allocated`, () => {
    assertThrows(make, RangeError, "the largest array has");
  });
}
