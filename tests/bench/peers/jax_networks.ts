/** The larger networks in jax-js: their losses. A `ref` is an array that is used once more. */
import { type Array as JaxArray, lax, nn, numpy as np } from "npm:@jax-js/jax@0.1.25";
import { lstm as lstmCase, transformerSizes } from "./cases.ts";

type Weights = { [name: string]: JaxArray };
type Loss = (p: Weights, x: JaxArray, y: JaxArray) => JaxArray;

export const crossEntropy = (scores: JaxArray, y: JaxArray): JaxArray =>
  nn.logSoftmax(scores, -1).mul(y).sum(-1).mean().mul(-1);

const classify = (p: Weights, h: JaxArray, y: JaxArray): JaxArray =>
  crossEntropy(np.matmul(h, p["w"]!).add(p["b"]!), y);

/** `x` is `[B, T, D]`. */
export const transformer: Loss = (p, x, y) => {
  let h = x;
  for (let i = 0; i < transformerSizes.blocks; i++) {
    h = h.ref.add(attention(p, i, normalize(h)));
    const wide = nn.gelu(np.matmul(normalize(h.ref), p[`up${i}`]!).add(p[`upBias${i}`]!), {
      approximate: false,
    });
    h = h.add(np.matmul(wide, p[`down${i}`]!).add(p[`downBias${i}`]!));
  }
  return classify(p, h.mean(1), y);
};

const normalize = (x: JaxArray): JaxArray => nn.standardize(x, -1, { epsilon: 1e-5 });

function attention(p: Weights, i: number, h: JaxArray): JaxArray {
  const { heads } = transformerSizes;
  const [rows, steps, features] = h.shape as [number, number, number];
  const split = (name: string): JaxArray =>
    np.matmul(h.ref, p[`${name}${i}`]!).reshape([rows, steps, heads, features / heads]).transpose([
      0,
      2,
      1,
      3,
    ]);
  const [query, key, value] = [split("query"), split("key"), split("value")];
  h.dispose();
  const scores = np.matmul(query, key.transpose([0, 1, 3, 2])).mul(Math.sqrt(heads / features));
  const seen = np.matmul(nn.softmax(scores, -1), value).transpose([0, 2, 1, 3]);
  return np.matmul(seen.reshape([rows, steps, features]), p[`merge${i}`]!);
}

/** `x` is `[B, T, features]`; its steps are written one after another, as there is no loop inside `jit`. */
export const lstm: Loss = (p, x, y) => {
  const { steps, units } = lstmCase;
  const rows = x.shape[0]!;
  let hidden = np.zeros([rows, units]);
  let cell = np.zeros([rows, units]);
  const { kernel, recurrent, bias } = p as { kernel: JaxArray; recurrent: JaxArray; bias: JaxArray };
  for (let t = 0; t < steps; t++) {
    const step = x.ref.slice([], t);
    const gates = np.matmul(step, kernel.ref).add(np.matmul(hidden, recurrent.ref)).add(bias.ref);
    const [i, f, candidate, o] = [0, 1, 2, 3].map((g) =>
      gates.ref.slice([], [g * units, (g + 1) * units])
    ) as [
      JaxArray,
      JaxArray,
      JaxArray,
      JaxArray,
    ];
    gates.dispose();
    cell = nn.sigmoid(f).mul(cell).add(nn.sigmoid(i).mul(np.tanh(candidate)));
    hidden = nn.sigmoid(o).mul(np.tanh(cell.ref));
  }
  for (const used of [x, kernel, recurrent, bias, cell]) used.dispose();
  return classify(p, hidden, y);
};

/** `x` is `[B, 1, 28, 28]`, with the filters and the rows of the dense layer in the order of channels first. */
export const deepConvNetwork: Loss = (p, x, y) => {
  const rows = x.shape[0]!;
  const h = nn.relu(lax.conv(x, p["filters"]!, [1, 1], "VALID").add(p["bias"]!));
  const seen = nn.relu(lax.conv(h, p["filters2"]!, [1, 1], "VALID").add(p["bias2"]!));
  return classify(p, seen.reshape([rows, 64, 12, 2, 12, 2]).max([3, 5]).reshape([rows, 12 * 12 * 64]), y);
};

/** The rows of a dense layer after images of `size` pixels, in the order of channels first. */
export function channelsFirst(kernel: Float32Array, channels: number, size: number): Float32Array {
  const out = new Float32Array(kernel.length);
  const units = kernel.length / channels / size;
  for (let c = 0; c < channels; c++) {
    for (let at = 0; at < size; at++) {
      const row = kernel.subarray((at * channels + c) * units, (at * channels + c + 1) * units);
      out.set(row, (c * size + at) * units);
    }
  }
  return out;
}
