/**
 * A model of characters: a gated recurrent unit reads verses letter by letter, guesses the next one, and then writes
 * some of its own. `deno task example:characters`
 */
import { dense, embedding, gru, sequential } from "../src/nn/mod.ts";
import { adam } from "../src/optim/mod.ts";
import { key } from "../src/random/mod.ts";
import { bitsOfPairs, piecesOf, readCarroll, writeOn } from "./_carroll.ts";
import { readCount, readFlags, readNumber } from "./_command_line.ts";

const flags = readFlags(
  `Learns verses character by character, and writes some.

Usage: deno task example:characters [options]
  --epochs N         times through the text (default: 16)
  --temperature X    of the writing: below 1 careful, above 1 bold (default: 0.6)
  --help             print this`,
  ["epochs", "temperature"],
);
const epochs = readCount("epochs", flags.epochs, 16);
const temperature = readNumber("temperature", flags.temperature, (t) => t > 0, "a number above 0") ?? 0.6;

// 1. The text as numbers, cut into pieces of T = 32 characters. The label of a character is the one after it, so a piece
//    holds 32 lessons: x is [B, T], y is the same text one character on.
const text = await readCarroll();
const { alphabet, codes } = text;
const length = 32;
const { x, y } = piecesOf(text, length, 4);
console.log(`${codes.length} characters, ${alphabet.length} different ones, ${x.shape[0]} pieces`);

// 2. The model. A character becomes 24 numbers; the unit carries 128 numbers from character to character, and decides at
//    each what to forget; the last layer gives the share of each character that may follow.
//    [B, T] -> [B, T, 24] -> [B, T, 128] -> [B, T, A]
const model = sequential([
  embedding({ inputDim: alphabet.length, outputDim: 24 }),
  gru({ units: 128, returnSequences: true }),
  dense({ units: alphabet.length, activation: "softmax" }),
], { seed: 1 }).build([null]);
model.compile({ optimizer: adam({ learningRate: 0.005 }), loss: "sparseCategoricalCrossentropy" });
let bits = 0;
await model.fit(x, y, {
  epochs,
  batchSize: 64,
  callbacks: {
    onEpochEnd(epoch, logs) {
      bits = logs["loss"]! / Math.LN2;
      if (epoch === 0 || (epoch + 1) % 5 === 0) {
        console.log(`epoch ${epoch + 1}  ${bits.toFixed(2)} bits a character`);
      }
    },
  },
});

// 3. Writing: ask for the shares after the last 32 characters, draw one, append it, and ask again (see `writeOn`).
const options = { count: 280, length, temperature, key: key(5) };
const written = writeOn("the walrus ", text, (seen) => model.predict(seen), options);
console.log(`\n${written}\n`);

// 4. How good is that? Guessing evenly needs log2 A bits; knowing how often each pair of characters occurs needs fewer.
//    The model has seen this text, so its number says how well it knows it, not how well it knows English.
console.log(`even guesses: ${Math.log2(alphabet.length).toFixed(2)} bits a character`);
console.log(`pairs of characters: ${bitsOfPairs(text).toFixed(2)} bits a character`);
console.log(`this model, on the text it has learned: ${bits.toFixed(2)} bits a character`);
