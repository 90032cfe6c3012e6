/** Values that somebody passes by mistake, and what an answer to them may be. */

function cyclic(): unknown[] {
  const array: unknown[] = [1];
  array.push(array);
  return array;
}

/** Values of every kind; each call makes fresh ones. */
export function badValues(): readonly (readonly [name: string, value: unknown])[] {
  return [
    ["undefined", undefined],
    ["null", null],
    ["true", true],
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["-Infinity", -Infinity],
    ["-1", -1],
    ["-0", -0],
    ["0.5", 0.5],
    ["1.5", 1.5],
    ["7", 7],
    ["1e10", 1e10],
    ["2 ** 53", 2 ** 53],
    ["1e300", 1e300],
    ["an empty text", ""],
    ["a text", "abc"],
    ["a number in a text", "3"],
    ["a bigint", 3n],
    ["a symbol", Symbol("s")],
    ["[]", []],
    ["[[]]", [[]]],
    ["[null]", [null]],
    ["[undefined]", [undefined]],
    ["a list of texts", ["a", "b"]],
    ["a ragged array", [[1, 2], [3]]],
    ["[NaN]", [NaN]],
    ["[1.5, 2]", [1.5, 2]],
    ["[-1, -1]", [-1, -1]],
    ["a huge shape", [2 ** 40, 2 ** 40]],
    ["a long list", [1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ["a cyclic array", cyclic()],
    ["{}", {}],
    ["an unknown option", { unknownOption: 1 }],
    ["an object with a null prototype", Object.create(null)],
    ["a function", () => 1],
    ["a class", class Empty {}],
    ["a date", new Date(0)],
    ["a map", new Map([[1, 2]])],
    ["a set", new Set([1])],
    ["a regular expression", /x/],
    ["a promise", Promise.resolve(1)],
    ["an empty typed array", new Float32Array(0)],
    ["an Int32Array", new Int32Array([1, 2])],
    ["a BigInt64Array", new BigInt64Array(2)],
    ["a DataView", new DataView(new ArrayBuffer(8))],
    ["an ArrayBuffer", new ArrayBuffer(8)],
    ["a proxy", new Proxy({}, {})],
    ["an error", new Error("an error")],
  ];
}

/** How the engine speaks of a mistake that nobody looked for. */
const ENGINE = [
  "Cannot read propert",
  "is not iterable",
  "is not a function",
  "Invalid array length",
  "Invalid typed array length",
  "Array buffer allocation failed",
  "Maximum call stack",
  "Cannot convert",
  "Cannot mix BigInt",
  "Cannot destructure",
  "Cannot use 'in' operator",
  "undefined is not",
  "is not a constructor",
  "is not defined",
  "before initialization",
  "Reduce of empty array",
  "out of memory",
  "Invalid string length",
  "offset is out of bounds",
  "not an object",
  "toFixed() digits",
  "Invalid count value",
];

/** What is wrong with an error, or undefined for one in the house's words. */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `it throws ${String(error)}, which is no Error`;
  if (![TypeError, RangeError, SyntaxError].some((kind) => error.constructor === kind)) {
    return `it throws ${error.constructor.name}: ${error.message}`;
  }
  const phrase = ENGINE.find((words) => error.message.includes(words));
  if (phrase !== undefined) return `it speaks as the engine does: ${error.message}`;
  if (!/^[A-Z]/.test(error.message)) return `the message starts small: ${error.message}`;
  if (error.message.length < 20) return `the message says too little: ${error.message}`;
  return undefined;
}
