/** How random bits are written: Threefry in integers, the same bits as here. */
import { sizeOf } from "../../../array/shape.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { Body, Tensor } from "../body.ts";
import { first, second, type Writer } from "./writing.ts";

const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;

/** Two words for each counter under a key; all four are of one shape. */
function drawWords(body: Body, key: readonly Tensor[], counter: readonly Tensor[]): [Tensor, Tensor] {
  const [key0, key1] = key as [Tensor, Tensor];
  const number = (value: number): Tensor => body.constant(value, key0.shape, "ui32");
  const op = (name: string, a: Tensor, b: Tensor): Tensor => body.elementwise(name, a, b);
  const keys = [key0, key1, op("xor", op("xor", number(0x1bd11bda), key0), key1)];
  let x = op("add", counter[0]!, key0);
  let y = op("add", counter[1]!, key1);
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group & 1]!) {
      x = op("add", x, y);
      const turned = op(
        "or",
        op("shift_left", y, number(by)),
        op("shift_right_logical", y, number(32 - by)),
      );
      y = op("xor", turned, x);
    }
    x = op("add", x, keys[(group + 1) % 3]!);
    y = op("add", op("add", y, keys[(group + 2) % 3]!), number(group + 1));
  }
  return [x, y];
}

/** Numbers as words. */
function toWords(body: Body, x: Tensor): Tensor {
  return body.convert(body.convert(x, "i64"), "ui32");
}

/** One of the two words along the last axis. */
function word(body: Body, x: Tensor, k: number): Tensor {
  const axis = x.shape.length - 1;
  return body.reshape(body.part(x, axis, k, k + 1), x.shape.slice(0, -1));
}

export const threefry: Writer<undefined> = (w) => {
  const { body, shape } = w;
  const outer = shape.slice(0, -1);
  const [key, counter] = [first(w), second(w)].map((x) => {
    const words = body.broadcast(toWords(body, x), shape);
    return [word(body, words, 0), word(body, words, 1)];
  }) as [Tensor[], Tensor[]];
  const drawn = drawWords(body, key, counter).map((x) => body.reshape(x, [...outer, 1]));
  return body.convert(body.concat(drawn, outer.length), w.type);
};

export const randomUniform: Writer<Attributes<"randomUniform">> = (w) => {
  const { body, attributes: { shape, form }, type } = w;
  const keys = toWords(body, first(w));
  const outer = keys.shape.slice(0, -1);
  const size = sizeOf(shape);
  const isPaired = form === "unit" && type === "f32";
  const drawn = [...outer, isPaired ? Math.ceil(size / 2) : size];
  const key = [0, 1].map((k) => body.broadcast(word(body, keys, k), drawn, outer.map((_, i) => i)));
  const counters = body.iota(drawn, outer.length, "ui32");
  const words = drawWords(body, key, [counters, body.constant(0, drawn, "ui32")]);
  if (form === "words") return body.reshape(bothWords(body, words, type), w.shape);
  return body.reshape(isPaired ? unit32(body, words, size) : unit64(body, words, type), w.shape);
};

/** First words, then second words, each divided by 2^32. */
function bothWords(body: Body, words: readonly Tensor[], type: Tensor["type"]): Tensor {
  const { shape } = words[0]!;
  const columns = words.map((x) => {
    // Both rounded to the dtype once, as 2^-32 is a power of two.
    const numbers = body.convert(x, type);
    const scaled = body.elementwise("multiply", numbers, body.constant(2 ** -32, shape, type));
    return body.reshape(scaled, [...shape.slice(0, -1), 1, shape.at(-1)!]);
  });
  return body.concat(columns, shape.length - 1);
}

/** 24 bits of each word. */
function unit32(body: Body, words: readonly Tensor[], size: number): Tensor {
  const { shape } = words[0]!;
  const columns = words.map((x) => body.reshape(x, [...shape, 1]));
  const all = body.reshape(body.concat(columns, shape.length), [...shape.slice(0, -1), 2 * shape.at(-1)!]);
  const used = body.part(all, shape.length - 1, 0, size);
  const bits = body.elementwise("shift_right_logical", used, body.constant(8, used.shape, "ui32"));
  return body.elementwise(
    "multiply",
    body.convert(bits, "f32"),
    body.constant(2 ** -24, used.shape, "f32"),
  );
}

/** 53 bits of both words together. */
function unit64(body: Body, words: readonly [Tensor, Tensor], type: Tensor["type"]): Tensor {
  const { shape } = words[0];
  const [high, low] = ([[words[0], 5], [words[1], 6]] as const).map(([x, by]) =>
    body.convert(body.elementwise("shift_right_logical", x, body.constant(by, shape, "ui32")), type)
  ) as [Tensor, Tensor];
  const number = (value: number): Tensor => body.constant(value, shape, type);
  const bits = body.elementwise("add", body.elementwise("multiply", high, number(2 ** 26)), low);
  return body.elementwise("multiply", bits, number(2 ** -53));
}
