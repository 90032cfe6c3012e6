/** The larger networks in Tapegrad: their losses, for training by plain gradient descent. */
import {
  categoricalCrossEntropy,
  constant,
  conv2d,
  gelu,
  layerNorm,
  lstmCell,
  maxPool2d,
  scaledDotProductAttention,
  scan,
  type Variable,
  zeros,
} from "../../../mod.ts";
import { lstm as lstmCase, transformerSizes } from "./cases.ts";

/** Parameters by name. */
export type Weights = { readonly [name: string]: Variable };

const classify = (p: Weights, h: Variable, y: Variable): Variable =>
  categoricalCrossEntropy(y, h.matmul(p["w"]!).add(p["b"]!));

/** `x` is `[B, T, D]`. */
export function transformer(p: Weights, x: Variable, y: Variable): Variable {
  const { blocks, heads } = transformerSizes;
  let h = x;
  for (let i = 0; i < blocks; i++) {
    h = h.add(attention(p, i, heads, layerNorm(h)));
    const wide = gelu(layerNorm(h).matmul(p[`up${i}`]!).add(p[`upBias${i}`]!));
    h = h.add(wide.matmul(p[`down${i}`]!).add(p[`downBias${i}`]!));
  }
  return classify(p, h.mean({ axis: 1 }), y);
}

function attention(p: Weights, i: number, heads: number, h: Variable): Variable {
  const [rows, steps, features] = h.shape as [number, number, number];
  // [B, T, D] -> [B, heads, T, D / heads]
  const split = (name: string): Variable =>
    h.matmul(p[`${name}${i}`]!).reshape([rows, steps, heads, features / heads]).transpose([0, 2, 1, 3]);
  const seen = scaledDotProductAttention(split("query"), split("key"), split("value"));
  return seen.transpose([0, 2, 1, 3]).reshape([rows, steps, features]).matmul(p[`merge${i}`]!);
}

/** `x` is `[B, T, features]`. */
export function lstm(p: Weights, x: Variable, y: Variable): Variable {
  const none = zeros([x.shape[0]!, lstmCase.units], { dtype: "float32" });
  const parameters = { kernel: p["kernel"]!, recurrentKernel: p["recurrent"]!, bias: p["bias"]! };
  const [{ hidden }] = scan(
    (state, step: Variable) => [lstmCell(step, state, parameters), null] as const,
    { hidden: none, cell: none },
    x.transpose([1, 0, 2]),
  );
  return classify(p, hidden, y);
}

/** `x` is `[B, 28, 28, 1]`. */
export function deepConvNetwork(p: Weights, x: Variable, y: Variable): Variable {
  const h = conv2d(x, p["filters"]!).add(p["bias"]!).relu();
  const seen = maxPool2d(conv2d(h, p["filters2"]!).add(p["bias2"]!).relu(), 2);
  return classify(p, seen.reshape([x.shape[0]!, seen.size / x.shape[0]!]), y);
}

/** Arrays of a case as constants. */
export const constants = (
  tensors: { readonly [name: string]: { readonly shape: readonly number[]; readonly data: Float32Array } },
): Weights =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, constant(data).reshape([...shape])]),
  );
