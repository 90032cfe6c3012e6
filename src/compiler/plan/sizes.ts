import { message } from "../../_internal/message.ts";
/** The one linear memory that all compiled programs share, and the allocator of its lasting parts. */

const PAGE = 65536;
/** Room at the start that is never given out: no address is 0, and threads meet there. */
const RESERVED = 2048;
/** The most memory there can be, 2 GiB less one page: addresses are signed numbers in the code. */
const MAXIMUM = 32767;

/** Every block starts at a multiple of this many bytes and is readable up to the next one. */
export const ALIGNMENT = 64;

let memory: WebAssembly.Memory | undefined;
let end = RESERVED;
const free: { start: number; size: number }[] = [];
let scratch = { start: 0, size: 0 };

/** The memory; made when it is first needed. */
export function sharedMemory(): WebAssembly.Memory {
  return memory ??= new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM, shared: true });
}

/** A size in bytes, rounded up to whole blocks with some room for vectors that reach over the end. */
export function paddedSize(bytes: number): number {
  return (Math.ceil(bytes / ALIGNMENT) + 1) * ALIGNMENT;
}

/**
 * Takes a block that stays until it is released.
 *
 * @throws {RangeError} If there is no memory left
 */
export function allocateBlock(bytes: number): number {
  const size = paddedSize(bytes);
  const i = free.findIndex((block) => block.size >= size);
  if (i >= 0) {
    const block = free[i]!;
    const start = block.start;
    block.start += size;
    block.size -= size;
    if (block.size === 0) free.splice(i, 1);
    return start;
  }
  const start = end;
  growTo(start + size);
  end = start + size;
  return start;
}

/** Gives a block back. */
export function releaseBlock(start: number, bytes: number): void {
  let size = paddedSize(bytes);
  let from = start;
  for (let i = free.length - 1; i >= 0; i--) {
    const block = free[i]!;
    if (block.start + block.size === from || from + size === block.start) {
      from = Math.min(from, block.start);
      size += block.size;
      free.splice(i, 1);
    }
  }
  if (from + size === end) end = from;
  else free.push({ start: from, size });
}

/** The room for values that live during one run only: all programs use the same. */
export function scratchBlock(bytes: number): number {
  if (bytes > scratch.size) {
    if (scratch.size > 0) releaseBlock(scratch.start, scratch.size);
    const size = Math.max(bytes, 2 * scratch.size);
    scratch = { start: allocateBlock(size), size };
  }
  return scratch.start;
}

/** How many bytes of the memory are in use, the shared scratch included. */
export function memoryInUse(): number {
  return end - RESERVED - free.reduce((sum, block) => sum + block.size, 0);
}

function growTo(bytes: number): void {
  const { buffer } = sharedMemory();
  if (bytes <= buffer.byteLength) return;
  const pages = Math.ceil((bytes - buffer.byteLength) / PAGE);
  const step = Math.min(Math.max(pages, buffer.byteLength / PAGE >> 2), MAXIMUM - buffer.byteLength / PAGE);
  try {
    sharedMemory().grow(Math.max(pages, step));
  } catch {
    throw new RangeError(
      message`Cannot compile: the program needs ${bytes} bytes together with those
      already compiled, WebAssembly gives at most ${MAXIMUM * PAGE}; use smaller arrays, or compile: false`,
    );
  }
}
