import {
  concat,
  gelu,
  gruCell,
  layerNorm,
  lstmCell,
  rnnCell,
  scaledDotProductAttention,
  type Variable,
} from "../../mod.ts";
import fixture from "../fixtures/pytorch/recurrent_attention.json" with { type: "json" };
import { testCases } from "./pytorch.ts";

/** Swaps the gates reset and update, which stand in another order in PyTorch, and turns kernels. */
function gruWeights(w: Variable): Variable {
  const units = w.shape[0]! / 3;
  const block = (i: number): Variable => w.slice(i * units, units);
  return concat([block(1), block(0), block(2)]).transpose();
}

/** Runs a gated recurrent unit over the time steps, from the first on or from the last back. */
function runGru(x: Variable, hidden: Variable, weights: readonly Variable[], backwards: boolean): Variable[] {
  const [kernel, recurrentKernel, bias, recurrentBias] = weights.map(gruWeights);
  const parameters = {
    kernel: kernel!,
    recurrentKernel: recurrentKernel!,
    bias: bias!,
    recurrentBias: recurrentBias!,
  };
  const steps = [...x];
  if (backwards) steps.reverse();
  const outputs = steps.map((step) => hidden = gruCell(step, hidden, parameters));
  return backwards ? outputs.reverse() : outputs;
}

/** `[batch, length, heads * n]` as `[batch, heads, length, n]`. */
function splitHeads(x: Variable, heads: number): Variable {
  const [batch, length, embed] = x.shape as [number, number, number];
  return x.reshape([batch, length, heads, embed / heads]).transpose([0, 2, 1, 3]);
}

function multiHead(
  x: Variable,
  [inKernel, inBias, outKernel, outBias]: readonly Variable[],
  heads: number,
  causal: boolean,
): Variable {
  const packed = x.matmul(inKernel!.transpose()).add(inBias!);
  const [batch, length, embed] = x.shape as [number, number, number];
  const [q, k, v] = [0, 1, 2].map((i) =>
    splitHeads(packed.slice([0, 0, i * embed], [batch, length, embed]), heads)
  );
  const joined = scaledDotProductAttention(q!, k!, v!, { causal }).transpose([0, 2, 1, 3]).reshape(x.shape);
  return joined.matmul(outKernel!.transpose()).add(outBias!);
}

testCases(fixture, {
  lstmCell: ([x, hidden, cell, kernel, recurrentKernel, bias, recurrentBias]) => {
    const next = lstmCell(x!, { hidden: hidden!, cell: cell! }, {
      kernel: kernel!.transpose(),
      recurrentKernel: recurrentKernel!.transpose(),
      bias: bias!.add(recurrentBias!),
    });
    return [next.hidden, next.cell];
  },
  rnnCell: ([x, hidden, kernel, recurrentKernel, bias, recurrentBias]) =>
    rnnCell(x!, hidden!, {
      kernel: kernel!.transpose(),
      recurrentKernel: recurrentKernel!.transpose(),
      bias: bias!.add(recurrentBias!),
    }),
  gruBidirectional: ([x, hidden, ...weights]) => {
    const [first, second] = [...hidden!];
    const forth = runGru(x!, first!, weights.slice(0, 4), false);
    const back = runGru(x!, second!, weights.slice(4), true);
    const rows = (list: readonly Variable[]): Variable => concat(list.map((v) => v.reshape([1, ...v.shape])));
    return [concat([rows(forth), rows(back)], { axis: 2 }), rows([forth.at(-1)!, back[0]!])];
  },
  scaledDotProductAttention: ([q, k, v], { causal }) => scaledDotProductAttention(q!, k!, v!, { causal }),
  multiHeadAttention: ([x, ...weights], { heads, causal }) => multiHead(x!, weights, heads, causal),
  transformerEncoderLayer: ([x, ...weights], { heads, eps }) => {
    const [, , , , k1, b1, k2, b2, scale1, offset1, scale2, offset2] = weights;
    const attended = x!.add(multiHead(
      layerNorm(x!, { scale: scale1!, offset: offset1!, epsilon: eps }),
      weights,
      heads,
      false,
    ));
    const normal = layerNorm(attended, { scale: scale2!, offset: offset2!, epsilon: eps });
    return attended.add(
      gelu(normal.matmul(k1!.transpose()).add(b1!)).matmul(k2!.transpose()).add(b2!),
    );
  },
});
