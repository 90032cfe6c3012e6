/**
 * A small transformer, the kind of network behind large language models: blocks of attention and of dense layers read
 * verses and guess the next character at every place at once. `deno task example:transformer`
 */
import { arange, type Variable } from "../mod.ts";
import {
  add,
  dense,
  dropout,
  embedding,
  input,
  lambda,
  layerNormalization,
  model,
  multiHeadAttention,
} from "../src/nn/mod.ts";
import { adamW, cosineDecay, warmup } from "../src/optim/mod.ts";
import { key } from "../src/random/mod.ts";
import { bitsOfPairs, piecesOf, readCarroll, writeOn } from "./_carroll.ts";
import { readCount, readFlags, readNumber } from "./_command_line.ts";

const flags = readFlags(
  `Learns verses by attention, and writes some.

Usage: deno task example:transformer [options]
  --epochs N         times through the text (default: 10)
  --temperature X    of the writing: below 1 careful, above 1 bold (default: 0.6)
  --help             print this`,
  ["epochs", "temperature"],
);
const epochs = readCount("epochs", flags.epochs, 10);
const temperature = readNumber("temperature", flags.temperature, (t) => t > 0, "a number above 0") ?? 0.6;

// 1. The text, in pieces of T = 48 characters, as in the example before: y is x one character on.
const text = await readCarroll();
const { alphabet, codes } = text;
const [length, features, heads, blocks] = [48, 64, 4, 2];
const { x, y } = piecesOf(text, length, 3);
console.log(`${codes.length} characters, ${alphabet.length} different ones, ${x.shape[0]} pieces`);

// 2. The network. Attention alone does not know in which order characters stand, so each place has numbers of its own,
//    which are added. Then come the blocks: every place looks at those before it, and takes up what it finds there; then
//    it thinks by itself, in two dense layers. Both add to what is there, so that gradients get through.
//    [B, T] -> [B, T, 64] -> ... -> [B, T, A]
const tokens = input({ shape: [length], name: "characters" });
const places = lambda((x: Variable) => x.mul(0).add(arange(0, length, 1, { dtype: "float32" })), {
  name: "places",
});
let h = add().apply([
  embedding({ inputDim: alphabet.length, outputDim: features }).apply(tokens),
  embedding({ inputDim: length, outputDim: features }).apply(places.apply(tokens)),
]);
for (let i = 0; i < blocks; i++) {
  const normal = layerNormalization().apply(h);
  const attention = multiHeadAttention({ numHeads: heads, keyDim: features / heads, useCausalMask: true });
  h = add().apply([h, dropout({ rate: 0.1 }).apply(attention.apply({ query: normal, value: normal }))]);
  const wide = dense({ units: 4 * features, activation: "gelu" }).apply(layerNormalization().apply(h));
  h = add().apply([h, dropout({ rate: 0.1 }).apply(dense({ units: features }).apply(wide))]);
}
const shares = dense({ units: alphabet.length, activation: "softmax" }).apply(layerNormalization().apply(h));
const transformer = model({ inputs: tokens, outputs: shares, seed: 1 });
const batchSize = 32;
const steps = epochs * Math.ceil(x.shape[0]! / batchSize);
transformer.compile({
  optimizer: adamW({ learningRate: warmup(cosineDecay(0.003, { steps }), { steps: 50 }), weightDecay: 0.01 }),
  loss: "sparseCategoricalCrossentropy",
});
console.log(transformer.summary().split("\n").at(-1));
let bits = 0;
await transformer.fit(x, y, {
  epochs,
  batchSize,
  callbacks: {
    onEpochEnd(epoch, logs) {
      bits = logs["loss"]! / Math.LN2;
      if (epoch === 0 || (epoch + 1) % 3 === 0) {
        console.log(`epoch ${epoch + 1}  ${bits.toFixed(2)} bits a character`);
      }
    },
  },
});

// 3. Writing, one character after another, from the last 48 that are there.
const begun = '"will you walk a little faster?" said a whiting to a snail,\n';
const options = { count: 240, length, temperature, key: key(6) };
const written = writeOn(begun, text, (seen) => transformer.predict(seen), options);
console.log(`\n${written}\n`);
// It has seen this text, so this says how well it knows it, not how well it knows English.
console.log(`pairs of characters: ${bitsOfPairs(text).toFixed(2)} bits a character`);
console.log(`this model, on the text it has learned: ${bits.toFixed(2)} bits a character`);
