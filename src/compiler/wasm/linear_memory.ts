/** The one linear memory that all compiled programs share, and the allocator of its lasting parts. */
import { message } from "../../_internal/message.ts";
import { bytesOfElement, type DType } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import { type Layout, placeSize } from "../plan/memory.ts";

const PAGE = 65536;
/** Room at the start that is never given out: no address is 0, and threads meet there. */
const RESERVED = 2048;
/** The most memory there can be, 2 GiB less one page: addresses are signed numbers in the code. */
const MAXIMUM = 32767;

/** Elements of a vector. */
export function lanesOf(dtype: DType): 2 | 4 {
  return dtype === "float64" ? 2 : 4;
}

/** The bytes of a node's value. */
export function bytesOf(node: Node): number {
  return sizeOf(node.shape) * bytesOfElement(node.dtype);
}

/** Values lie in whole cache lines, with one more behind them for vectors that reach over the end. */
export const LAYOUT: Layout = { bytesOf, alignment: 64, slack: 64 };

let memory: WebAssembly.Memory | undefined;
let end = RESERVED;
const free: { start: number; size: number }[] = [];
/** Whether a program is running. */
let isBusy = false;
let workspace = { start: 0, size: 0 };
/** How many programs there are for each size of workspace. */
const workspaceUsers = new Map<number, number>();

/** The memory; made when it is first needed. */
export function sharedMemory(): WebAssembly.Memory {
  return memory ??= new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM, shared: true });
}

/** The bytes that a value or workspace of so many bytes takes up. */
export function paddedSize(bytes: number): number {
  return placeSize(LAYOUT, bytes);
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

/**
 * Counts a program that works in so many bytes while it runs; all programs use the same block for that.
 *
 * @throws {RangeError} If there can't be that much
 */
export function reserveWorkspace(bytes: number): void {
  checkLimit(memoryInUse() - blockSize(workspace.size) + paddedSize(bytes));
  workspaceUsers.set(bytes, (workspaceUsers.get(bytes) ?? 0) + 1);
}

/** Counts a program less; gives the block back if what is left needs less than half of it. */
export function releaseWorkspace(bytes: number): void {
  const users = workspaceUsers.get(bytes)!;
  if (users > 1) workspaceUsers.set(bytes, users - 1);
  else workspaceUsers.delete(bytes);
  let needed = 0;
  for (const size of workspaceUsers.keys()) needed = Math.max(needed, size);
  if (needed < workspace.size / 2) dropWorkspace();
}

/**
 * The block that a program works in while it runs; what stood there before is lost.
 *
 * @throws {RangeError} If there is no memory left
 */
export function workspaceBlock(bytes: number): number {
  if (bytes > workspace.size) {
    // Nothing in it is needed any more, so that the larger one may take its place.
    dropWorkspace();
    workspace = { start: allocateBlock(bytes), size: bytes };
  }
  return workspace.start;
}

/**
 * Runs a program in the workspace; in room of its own while another program runs, which has called it.
 *
 * @param run Gets the address of the room
 * @throws {RangeError} If there is no memory left
 */
export function inWorkspace<R>(bytes: number, run: (base: number) => R): R {
  if (isBusy) {
    const base = allocateBlock(bytes);
    try {
      return run(base);
    } finally {
      releaseBlock(base, bytes);
    }
  }
  isBusy = true;
  try {
    return run(workspaceBlock(bytes));
  } finally {
    isBusy = false;
  }
}

function dropWorkspace(): void {
  const { start, size } = workspace;
  workspace = { start: 0, size: 0 };
  if (size > 0) releaseBlock(start, size);
}

function blockSize(bytes: number): number {
  return bytes === 0 ? 0 : paddedSize(bytes);
}

/** How many bytes of the memory are in use, the shared workspace included. */
export function memoryInUse(): number {
  return end - RESERVED - free.reduce((sum, block) => sum + block.size, 0);
}

function growTo(bytes: number): void {
  const { buffer } = sharedMemory();
  if (bytes <= buffer.byteLength) return;
  checkLimit(bytes);
  const present = buffer.byteLength / PAGE;
  const pages = Math.ceil(bytes / PAGE) - present;
  const generous = Math.min(Math.max(pages, present >> 2), MAXIMUM - present);
  if (!grow(generous) && !grow(pages)) throw tooLarge(bytes);
}

/** Whether the memory could be made larger. */
function grow(pages: number): boolean {
  try {
    sharedMemory().grow(pages);
    return true;
  } catch {
    return false;
  }
}

function checkLimit(bytes: number): void {
  if (bytes > MAXIMUM * PAGE) throw tooLarge(bytes);
}

function tooLarge(bytes: number): RangeError {
  return new RangeError(
    message`Cannot compile: the program needs ${bytes} bytes together with those already compiled,
    WebAssembly gives at most ${MAXIMUM * PAGE} (2 GiB); use smaller arrays, or target: "replay"`,
  );
}
