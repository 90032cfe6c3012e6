/** What runs in the other threads, as the text of a module: a worker made from it needs no file and no permission. */
import {
  BASE,
  DONE,
  EXIT,
  FAILED,
  GONE,
  KIND,
  MAILBOX,
  MAILBOX_BYTES,
  PROGRAM,
  REASON,
  REASON_BYTES,
  REFUSED,
  RELOAD,
  SEGMENT,
  SEQUENCE,
  STAY,
  TURN,
  WATCH,
} from "../wasm/thread_control_words.ts";

/** Looks at the mailbox before a worker sleeps: some 50 us. */
const SPINS = 5000;

/** The text. It waits for its mailbox; to receive a message it returns to its event loop. */
export const WORKER: string = `
const SEQUENCE = ${SEQUENCE}, KIND = ${KIND}, PROGRAM = ${PROGRAM}, SEGMENT = ${SEGMENT}, BASE = ${BASE}, DONE = ${DONE};
const TURN = ${TURN / 4}, FAILED = ${FAILED / 4};
let words, memory, thread, idleLimit, box, last = 0;
const programs = new Map(), libraries = new Map();

function explain(error) {
  const text = new TextEncoder().encode(String(error)).subarray(0, ${REASON_BYTES});
  new Uint8Array(memory.buffer, ${REASON}, ${REASON_BYTES}).set(text);
  Atomics.store(words, FAILED + 1, text.length);
}

function fail(error) {
  if (Atomics.load(words, FAILED) === 0) {
    explain(error);
    Atomics.store(words, FAILED, 1);
  }
  Atomics.notify(words, TURN);
}

function answer() {
  Atomics.store(words, box + DONE, last);
  Atomics.notify(words, box + DONE);
}

function wait(turn) {
  while (Atomics.load(words, TURN) === turn) {
    if (Atomics.load(words, FAILED) !== 0) throw new WebAssembly.RuntimeError("another thread failed");
    Atomics.wait(words, TURN, turn, ${WATCH});
  }
}

function importOf(source) {
  switch (source.kind) {
    case "memory": return memory;
    case "wait": return wait;
    case "kernel": return libraries.get(source.library).exports[source.name];
    case "function": return (0, eval)(source.source);
    default: return () => { throw new WebAssembly.RuntimeError("a function is missing in this thread"); };
  }
}

function link({ id, module, imports, libraries: modules }) {
  for (const key in modules) {
    if (!libraries.has(key)) libraries.set(key, new WebAssembly.Instance(modules[key], { "": { m0: memory } }));
  }
  const own = Object.fromEntries(Object.entries(imports).map(([name, source]) => [name, importOf(source)]));
  const { exports } = new WebAssembly.Instance(module, { "": own });
  const segments = [];
  for (const name in exports) segments[Number(name.slice(3))] = exports[name];
  programs.set(id, segments);
}

function work() {
  for (;;) {
    for (let spins = ${SPINS}; spins > 0 && Atomics.load(words, box) === last; spins--);
    while (Atomics.load(words, box) === last) {
      if (Atomics.wait(words, box, last, idleLimit) !== "timed-out") continue;
      if (Atomics.compareExchange(words, box, last, ${GONE}) === last) return close();
    }
    last = Atomics.load(words, box);
    const kind = words[box + KIND];
    if (kind === ${RELOAD}) return;
    if (kind === ${STAY}) {
      answer();
      continue;
    }
    if (kind === ${EXIT}) {
      Atomics.store(words, box + DONE, ${GONE});
      Atomics.notify(words, box + DONE);
      return close();
    }
    try {
      programs.get(words[box + PROGRAM])[words[box + SEGMENT]](words[box + BASE], thread);
    } catch (error) {
      fail(error);
    }
  }
}

onmessage = ({ data }) => {
  if (data.memory !== undefined) {
    ({ memory, thread, idleLimit } = data);
    words = new Int32Array(memory.buffer);
    box = (${MAILBOX} + ${MAILBOX_BYTES} * (thread - 1)) / 4;
  } else {
    try {
      for (const id of data.dropped) programs.delete(id);
      link(data);
    } catch (error) {
      explain(error);
      words[box + ${REFUSED}] = data.id;
    }
    answer();
  }
  work();
};
`;
