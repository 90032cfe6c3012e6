/** The step of a region: a few rows at a time pass through all of its loops, so that they stay in the cache. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import { storageOf } from "../plan/memory.ts";
import type { Threading } from "../plan/program.ts";
import { type Region, unitsOf, writesOf } from "../plan/regions.ts";
import { paddedSize } from "../wasm/linear_memory.ts";
import {
  $,
  addressFunction,
  br_if,
  call,
  i32,
  local,
  loop,
  select,
  type WasmFunction,
} from "../wasm/writer.ts";
import { emitLoop, type LoopFunction } from "./loops.ts";
import type { Step } from "./lower_group.ts";
import { type Argument, valueAt } from "./step_function.ts";
import { workOf } from "./work.ts";

/** Bytes of the rows that pass through at a time, of all that the loops read and write. */
const BLOCK_BYTES = 1 << 14;
/** Elements of a cache line, at most. */
const LINE = 16;

/** A value that a region reads or writes in the memory: how far it is from row to row, in bytes. */
interface Outer {
  readonly node: Node;
  readonly step: number;
}

/** Where an argument of a loop comes from: a value in the memory, or bytes of the workspace. */
type From = { readonly outer: number } | { readonly workspace: number };

/** A loop of a region, and what it is called with. */
interface Member {
  readonly code: WasmFunction;
  readonly from: readonly From[];
  /** Elements along its outermost axis for each row. */
  readonly units: number;
}

/**
 * Makes the step of a region.
 *
 * @param isRead Whether anything but the region reads a value, or it is a result
 */
export function regionStep(region: Region, isRead: (root: Node) => boolean, threading: Threading): Step {
  const { loops, rows } = region;
  const inner = new Set(loops.flatMap(({ plan }) => writesOf(plan)).filter((node) => !isRead(node)));
  const works = loops.map(({ plan }) => workOf(plan));
  const work = works.reduce((sum, x) => sum + x.work, 0);
  const isParallel = threading.count > 1 && work >= threading.leastWork && works.every((x) => x.canDivide);
  const units = loops.map(({ plan }) => unitsOf(plan, rows));
  const multiple = multipleOf(region, units);
  const functions = loops.map(({ plan }, i) => emitLoop(plan, works[i]!.body, true));
  const block = blockOf(functions, units, multiple);
  const places = placeInner(inner, rows, block);
  const outer: Outer[] = [];
  const members = functions.map(({ code, parameters }, i): Member => ({
    code,
    units: units[i]!,
    from: parameters.map(({ node, step }) => {
      const place = places.starts.get(storageOf(node).root);
      if (place !== undefined) return { workspace: place };
      const rowStep = step * units[i]!;
      let index = outer.findIndex((other) => other.node === node && other.step === rowStep);
      if (index < 0) index = outer.push({ node, step: rowStep }) - 1;
      return { outer: index };
    }),
  }));
  const perThread = isParallel ? paddedSize(places.bytes) : 0;
  const values: Argument[] = [
    ...outer.map(({ node, step }) => valueAt(node, 0, step)),
    { kind: "workspace", start: 0, perThread, perChunk: 0 },
    { kind: "length" },
  ];
  const { dtype, domain } = loops.at(-1)!.group;
  return {
    group: { nodes: loops.flatMap(({ group }) => group.nodes), domain, dtype },
    loops: loops.length,
    code: [{
      code: emitRegion(members, outer, block),
      arguments: values,
      division: { length: rows, multiple, chunks: 0 },
      isParallel,
      work,
      isIndependent: false,
    }],
    reads: loops.flatMap(({ plan }) => plan.sources.map(({ node }) => node)).filter((node) =>
      !inner.has(storageOf(node).root)
    ),
    writes: loops.flatMap(({ plan }) => writesOf(plan)).filter((node) => !inner.has(node)),
    inPlace: [],
    scratch: isParallel ? threading.count * perThread : places.bytes,
  };
}

/** Parts of the rows begin at multiples of this: loops over single elements begin at whole lines there. */
function multipleOf({ loops }: Region, units: readonly number[]): number {
  const needed = loops.map(({ plan }, i) => {
    if (plan.lengths.length > 1) return 1;
    let multiple = 1;
    while (multiple * units[i]! % LINE !== 0) multiple *= 2;
    return multiple;
  });
  return Math.max(...needed);
}

/** How many rows pass through at a time. */
function blockOf(functions: readonly LoopFunction[], units: readonly number[], multiple: number): number {
  const steps = new Map<Node, number>();
  functions.forEach(({ parameters }, i) =>
    parameters.forEach(({ node, step }) => steps.set(storageOf(node).root, step * units[i]!))
  );
  const row = [...steps.values()].reduce((sum, step) => sum + step, 0);
  return multiple * Math.max(1, Math.floor(BLOCK_BYTES / (row * multiple)));
}

/** Where the values that only the region knows stand in its workspace: those of the rows of one block. */
function placeInner(
  inner: ReadonlySet<Node>,
  rows: number,
  block: number,
): { starts: Map<Node, number>; bytes: number } {
  const starts = new Map<Node, number>();
  let bytes = 0;
  for (const node of inner) {
    starts.set(node, bytes);
    const row = sizeOf(node.shape) / rows * bytesOfElement(node.dtype);
    // Whole vectors are written at the end.
    bytes += paddedSize(block * row + LINE * 8);
  }
  return { starts, bytes };
}

/** A function of the addresses of the outer values, of the workspace, and of how many rows there are. */
function emitRegion(members: readonly Member[], outer: readonly Outer[], block: number): WasmFunction {
  return addressFunction(outer.length + 2, { addresses: 1, vectors: 0 }, (given, [count]) => {
    const workspace = given[outer.length]!;
    const rest = given[outer.length + 1]!;
    loop(null, (label) => {
      local.get(rest);
      i32.const(block);
      i32.lt_u(rest, block);
      select();
      local.set(count!);
      for (const { code, from, units } of members) {
        for (const place of from) {
          if ("outer" in place) local.get(given[place.outer]!);
          else i32.add(workspace, place.workspace);
        }
        local.get(count!);
        if (units !== 1) i32.mul($, units);
        call(code);
      }
      outer.forEach(({ step }, i) => {
        if (step !== 0) local.set(given[i]!, i32.add(i32.mul(count!, step), given[i]!));
      });
      local.set(rest, i32.sub(rest, count!));
      local.get(rest);
      br_if(label);
    });
  });
}
