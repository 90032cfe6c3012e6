/** Loops with counters, and steps of addresses: what the code of loops and of copies is put together from. */
import { type Address, br_if, i32, if_, local, loop, memory } from "../wasm/writer.ts";

/** Repeats code a fixed number of times. */
export function repeat(counter: Address, times: number, code: () => void): void {
  if (times === 0) return;
  if (times === 1) return code();
  local.set(counter, times);
  countDown(counter, code);
}

/** Repeats code as often as a counter says, at least once. */
export function countDown(counter: Address, code: () => void): void {
  loop({}, (label) => {
    code();
    i32.sub(counter, 1);
    local.tee(counter);
    br_if(label);
  });
}

/** Repeats code while a counter is at least a step, and leaves the rest of the counter. */
export function countDownBy(counter: Address, step: number, code: () => void): void {
  i32.ge_u(counter, step);
  if_({}, () => {
    loop({}, (label) => {
      code();
      i32.ge_u(local.tee(counter, i32.sub(counter, step)), step);
      br_if(label);
    });
  });
}

/** Moves an address on. */
export function step(address: Address, bytes: number): void {
  if (bytes === 0) return;
  i32.add(address, bytes);
  local.set(address);
}

/** Sets bytes to zero. */
export function clearMemory(address: Address, bytes: number): void {
  local.get(address);
  i32.const(0);
  i32.const(bytes);
  memory.fill();
}
