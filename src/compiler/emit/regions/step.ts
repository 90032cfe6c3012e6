/** The step of a region: a few rows at a time pass through all of its members, so that they stay in the cache. */
import { bytesOfElement } from "../../../array/dtype.ts";
import { sizeOf } from "../../../array/shape.ts";
import { convolutionPart } from "../convolutions.ts";
import { type Work, workOf } from "../loop_body.ts";
import { emitLoop } from "../loops.ts";
import type { Step } from "../lower_group.ts";
import { productPart } from "../products.ts";
import type { Part, PartArgument } from "./parts.ts";
import { type Argument, valueAt, workspaceAt } from "../step_function.ts";
import type { Node } from "../../graph/nodes.ts";
import { LINE } from "../../plan/division.ts";
import { storageOf } from "../../plan/memory.ts";
import { isProduct } from "../../plan/products.ts";
import type { Threading } from "../../plan/program.ts";
import { leastRows, type Member, unitsOf } from "../../plan/region_members.ts";
import { inPlaceOf, type Region } from "../../plan/regions.ts";
import { paddedSize } from "../../wasm/linear_memory.ts";
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
} from "../../wasm/writer.ts";

/** Bytes of the rows that pass through at a time, of all that the members read and write by rows. */
const BLOCK_BYTES = 1 << 14;
/** The same with kernels in between: the more rows pass by a right operand, the less often it is read. */
const KERNEL_BLOCK_BYTES = 1 << 17;

/** A value that a region reads or writes in the memory: how far it is from row to row, in bytes. */
interface Outer {
  readonly argument: Argument;
  readonly step: number;
}

/** Where an argument comes from: what the region was called with, bytes of the workspace, a number, or a count. */
type From =
  | { readonly outer: number }
  | { readonly workspace: number }
  | { readonly number: number }
  | { readonly units: number };

/** A part, with where its arguments come from. */
interface PlacedPart {
  readonly code: WasmFunction;
  readonly from: readonly From[];
  readonly prepare: WasmFunction | null;
}

/**
 * Makes the step of a region.
 *
 * @param isRead Whether anything but the region reads a value, or it is a result
 */
export function regionStep(region: Region, isRead: (root: Node) => boolean, threading: Threading): Step {
  const { members, rows } = region;
  const inner = new Set(members.flatMap(({ writes }) => writes).filter((node) => !isRead(node)));
  let packed = 0;
  const parts = members.map((member) => {
    const part = member.plan !== null
      ? loopPart(member.plan, workOf(member.plan))
      : isProduct(member.group.nodes[0]!)
      ? productPart(member, packed)
      : convolutionPart(member);
    packed += part.before?.bytes ?? 0;
    return part;
  });
  const work = parts.reduce((sum, part) => sum + part.work, 0);
  const isParallel = threading.count > 1 && work >= threading.leastWork && parts.every((p) => p.canDivide);
  const multiple = multipleOf(region);
  const block = blockOf(region, parts, multiple);
  const places = placeInner(inner, rows, block);
  let bytes = places.bytes;
  const rooms = parts.map(({ room }) => (bytes += paddedSize(room)) - paddedSize(room));
  const perThread = isParallel ? paddedSize(bytes) : 0;
  const outer: Outer[] = [];
  const outerAt = (argument: Argument, step: number): From => {
    const known = outer.findIndex((other) => other.step === step && isSame(other.argument, argument));
    return { outer: known >= 0 ? known : outer.push({ argument, step }) - 1 };
  };
  const placed = parts.map((part, i): PlacedPart => {
    const units = unitsOf(members[i]!, rows);
    return {
      code: part.code,
      prepare: part.prepare,
      from: part.arguments.map((argument): From => {
        if (argument.kind === "number") return { number: argument.value };
        if (argument.kind === "count") return { units };
        if (argument.kind === "room") return { workspace: rooms[i]! };
        if (argument.kind === "packed") return outerAt(workspaceAt(argument.start), 0);
        const start = places.starts.get(storageOf(argument.node).root);
        const step = argument.step * units;
        return start === undefined ? outerAt(valueAt(argument.node, 0, step), step) : { workspace: start };
      }),
    };
  });
  const { dtype, domain } = members.at(-1)!.group;
  return {
    group: { nodes: members.flatMap(({ group }) => group.nodes), domain: domain ?? [rows], dtype },
    parts: partsOf(members),
    code: [...parts.flatMap(({ before }) => before === null ? [] : [before.call]), {
      code: emitRegion(placed, outer, block),
      arguments: [
        ...outer.map(({ argument }) => argument),
        { kind: "workspace", start: packed, perThread, perChunk: 0 },
        { kind: "length" },
      ],
      division: { length: rows, multiple, chunks: 0 },
      isParallel,
      work,
      isIndependent: false,
    }],
    reads: members.flatMap(({ reads }) => reads.map(({ node }) => node)).filter((node) =>
      !inner.has(storageOf(node).root)
    ),
    writes: members.flatMap(({ writes }) => writes).filter((node) => !inner.has(node)),
    inPlace: inPlaceOf(region, (node) => inner.has(node)),
    scratch: packed + (isParallel ? threading.count * perThread : bytes),
  };
}

/** What a region consists of, as text. */
function partsOf(members: readonly Member[]): string {
  const kinds = members.map(({ plan, group }) =>
    plan !== null ? "loop" : isProduct(group.nodes[0]!) ? "product" : "convolution"
  );
  return ["product", "convolution", "loop"].flatMap((kind) => {
    const count = kinds.filter((other) => other === kind).length;
    return count === 0 ? [] : [`${count} ${kind}${count === 1 ? "" : "s"}`];
  }).join(", ");
}

function isSame(a: Argument, b: Argument): boolean {
  if (a.kind === "workspace") return b.kind === "workspace" && a.start === b.start;
  return a.kind === "value" && b.kind === "value" && a.node === b.node && a.step === b.step;
}

function loopPart(plan: NonNullable<Member["plan"]>, { body, work, canDivide }: Work): Part {
  const { code, parameters } = emitLoop(plan, body, true);
  return {
    code,
    arguments: [
      ...parameters.map(({ node, step }): PartArgument => ({ kind: "value", node, step })),
      { kind: "count" },
    ],
    ...{ prepare: null, room: 0, work, canDivide, before: null },
  };
}

/** Parts of the rows begin at multiples of this: loops over single elements begin at whole lines there. */
function multipleOf({ members, rows }: Region): number {
  const needed = members.map((member) => {
    if (!member.isFlat) return 1;
    let multiple = 1;
    while (multiple * unitsOf(member, rows) % LINE !== 0) multiple *= 2;
    return multiple;
  });
  return Math.max(...needed);
}

/** How many rows pass through at a time. */
function blockOf({ members, rows }: Region, parts: readonly Part[], multiple: number): number {
  const steps = new Map<Node, number>();
  parts.forEach((part, i) => {
    for (const argument of part.arguments) {
      if (argument.kind !== "value") continue;
      steps.set(storageOf(argument.node).root, argument.step * unitsOf(members[i]!, rows));
    }
  });
  const row = [...steps.values()].reduce((sum, step) => sum + step, 0);
  const hasKernels = members.some(({ plan }) => plan === null);
  const most = Math.floor((hasKernels ? KERNEL_BLOCK_BYTES : BLOCK_BYTES) / (row * multiple));
  // Whole blocks of the kernels.
  const least = Math.ceil(leastRows(members, rows) / multiple);
  return multiple * least * Math.max(1, Math.floor(most / least));
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
    bytes += paddedSize(Math.min(block, rows) * row + LINE * 8);
  }
  return { starts, bytes };
}

/** A function of the addresses of the outer values, of the workspace, and of how many rows there are. */
function emitRegion(parts: readonly PlacedPart[], outer: readonly Outer[], block: number): WasmFunction {
  return addressFunction(outer.length + 2, { addresses: 1, vectors: 0 }, (given, [count]) => {
    const workspace = given[outer.length]!;
    const rest = given[outer.length + 1]!;
    const invoke = (code: WasmFunction, from: readonly From[]): void => {
      for (const place of from) {
        if ("outer" in place) local.get(given[place.outer]!);
        else if ("workspace" in place) i32.add(workspace, place.workspace);
        else if ("number" in place) i32.const(place.number);
        else {
          local.get(count!);
          if (place.units !== 1) i32.mul($, place.units);
        }
      }
      call(code);
    };
    for (const { prepare, from } of parts) if (prepare !== null) invoke(prepare, from);
    loop(null, (label) => {
      local.get(rest);
      i32.const(block);
      i32.lt_u(rest, block);
      select();
      local.set(count!);
      for (const { code, from } of parts) invoke(code, from);
      outer.forEach(({ step }, i) => {
        if (step !== 0) local.set(given[i]!, i32.add(i32.mul(count!, step), given[i]!));
      });
      local.set(rest, i32.sub(rest, count!));
      local.get(rest);
      br_if(label);
    });
  });
}
