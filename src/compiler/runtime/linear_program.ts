import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { LEAST_WORK } from "../plan/division.ts";
import { copySlices, isView, storageOf } from "../plan/memory.ts";
import type { Donations, Program, Threading } from "../plan/program.ts";
import { type Graph, type Node, readersOf, sameType } from "../graph/nodes.ts";
import type { Blas } from "../blas/library.ts";
import { hasRows, loopStepOf, singleSteps, type Step } from "../emit/lower_group.ts";
import { regionStep } from "../emit/regions/step.ts";
import { canLoop } from "../emit/loop_body.ts";
import { bytesOf, inWorkspace } from "../wasm/linear_memory.ts";
import { fuse, type Group, isReduction } from "../plan/fusion.ts";
import { type LoopPlan, planLoop } from "../plan/loops.ts";
import { type Member, memberOf } from "../plan/region_members.ts";
import { findRegions, placeEpilogues, type Region } from "../plan/regions.ts";
import type { Shape } from "../../array/shape.ts";
import { type DonatedSlot, DonatedSlots, OwnRoom, ResidentArray, ResultSlot } from "./donated_slots.ts";
import { ProgramActions } from "./program_actions.ts";
import { loopStep, type StepProgram } from "./loop_step.ts";
import { ProgramMemory, type SlotUse } from "./program_memory.ts";

/** Where the donated inputs of a program stand. */
export interface SlotSource {
  take(input: number, shape: Shape, dtype: DType): DonatedSlot;
  release(slot: DonatedSlot): void;
}

/** How a program is emitted. */
export interface EmitOptions {
  readonly donations?: Donations;
  /** Places that it shares with other programs; its own by default. */
  readonly slots?: SlotSource;
  /** Inputs that are read where they stand when they stand in the memory. */
  readonly resident?: ReadonlySet<number>;
  /** Inputs that the caller gives up, also those that no result follows. */
  readonly givenUp?: readonly number[];
  /** Whether large results stay in the memory until they are read; by default they are copied out. */
  readonly keepsResults?: boolean;
  readonly threading?: Threading;
  /** What computes large products; by default the kernels do. */
  readonly blas?: Blas | null;
}

/** Slots of one program alone. */
function ownSlots(): SlotSource {
  const slots = new DonatedSlots();
  return {
    take: (input, shape, dtype) => slots.take(`${input}`, shape, dtype),
    release: (slot) => slots.release(slot),
  };
}

/** What a program consists of. */
interface Parts {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly memory: ProgramMemory;
  readonly actions: ProgramActions;
  /** Bytes of room beside the workspace that large inputs and results take. */
  readonly ownBytes: number;
  /** Gives back all of it. */
  release(): void;
}

/**
 * Fuses, plans and emits a program.
 *
 * @throws {RangeError} If it needs more memory than there can be
 */
export function emitProgram(source: Graph, options: EmitOptions = {}): Program {
  return new LinearProgram(emitParts(source, options), options.givenUp ?? []);
}

/** Emits the step of a loop, of which every input is read where it stands. */
function emitStep(source: Graph, options: Pick<EmitOptions, "threading" | "blas">): StepProgram {
  const { graph, memory, actions, release } = emitParts(source, {
    ...options,
    resident: new Set(source.inputs.keys()),
  });
  return {
    bytes: memory.plan.bytes,
    pointTo: (input, address) => memory.pointTo(input, address),
    refresh: () => memory.refresh(),
    run: (base) => actions.run(base),
    placeOf: (output, base) => {
      const node = graph.outputs[output]!;
      const address = (): number => memory.addressOf(node, base);
      if (memory.locate(node).from === "pointer") return address;
      const stays = address();
      return () => stays;
    },
    release,
  };
}

function emitParts(source: Graph, options: EmitOptions): Parts {
  const graph = copySlices(source);
  const threading = options.threading ?? { count: 1, leastWork: LEAST_WORK };
  const { blas = null } = options;
  const slots = options.slots ?? ownSlots();
  const steps: Step[] = [];
  const uses: SlotUse[] = [];
  const room = new OwnRoom();
  let memory: ProgramMemory | undefined;
  let actions: ProgramActions | undefined;
  const release = (): void => {
    actions?.release();
    memory?.release();
    for (const { slot } of uses.splice(0)) slots.release(slot);
    room.release();
    for (const { code } of steps.splice(0)) if ("link" in code) code.release?.();
  };
  try {
    for (const [input, output] of usableDonations(graph, options.donations ?? new Map())) {
      const { shape, dtype } = graph.inputs[input]!;
      uses.push({ input, output, slot: slots.take(input, shape, dtype) });
    }
    const follows = new Map(uses.map(({ input, output }) => [graph.outputs[output]!, graph.inputs[input]!]));
    const { plans, regions } = planLoops(graph, follows, (group) => hasRows(group, blas, threading));
    for (const region of regions) {
      if ("members" in region) {
        const inside = new Set(region.members.flatMap(({ group }) => group.nodes));
        steps.push(regionStep(region, (root) => isReadOutside(graph, root, inside), threading));
        continue;
      }
      const plan = plans.get(region);
      const loop = loopStep(region, (step) => emitStep(step, { threading, blas }));
      if (loop !== null) steps.push(loop);
      else if (plan !== undefined) steps.push(loopStepOf(region, plan, threading));
      else steps.push(...singleSteps(region, threading, blas));
    }
    const results = options.keepsResults ? room.placeResults(graph, uses) : [];
    const resident = new Set(options.resident);
    if (options.keepsResults) {
      for (const input of room.findInputs(graph, uses, resident)) resident.add(input);
    }
    memory = new ProgramMemory(graph, steps, [...uses], results, resident);
    actions = new ProgramActions(steps, memory, threading);
    return { graph, steps: [...steps], memory, actions, release, ownBytes: room.bytes };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * The groups of a graph as regions and single ones, with the plans of those that are loops.
 *
 * @param predecessors For results that are to stand where an input stands: that input
 * @param isKernel Whether a group is a product or a convolution that can be called for some of its rows or images
 */
function planLoops(
  graph: Graph,
  predecessors: ReadonlyMap<Node, Node>,
  isKernel: (group: Group) => boolean,
): { plans: ReadonlyMap<Group, LoopPlan>; regions: readonly (Group | Region)[] } {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs.flatMap((node) => [node, storageOf(node).root]));
  const groups = fuse(graph, canLoop).filter((group) => group.domain !== null || !isView(group.nodes[0]!));
  const plans = new Map<Group, LoopPlan>();
  for (const group of groups) {
    if (group.domain === null) continue;
    const inside = new Set(group.nodes);
    const isNeeded = (node: Node): boolean =>
      outputs.has(node) ||
      (readers.get(node) ?? []).some((reader) => !inside.has(reader) || isReduction(node));
    plans.set(group, planLoop(group, isNeeded));
  }
  const members = new Map<Group, Member>();
  for (const group of groups) {
    const member = memberOf(group, plans.get(group), isKernel);
    if (member !== null) members.set(group, member);
  }
  const options = {
    members,
    predecessorOf: (node: Node) => predecessors.get(node),
  };
  return { plans, regions: findRegions(placeEpilogues(groups, options), options) };
}

/** Whether anything but some nodes reads a value, or a view of it, or it is a result. */
function isReadOutside(graph: Graph, node: Node, inside: ReadonlySet<Node>): boolean {
  if (graph.outputs.includes(node)) return true;
  return (readersOf(graph).get(node) ?? []).some((reader) =>
    isView(reader) ? isReadOutside(graph, reader, inside) : !inside.has(reader)
  );
}

/** Donations of results that are computed, or are the input itself: not those that turned out to be another. */
function usableDonations(graph: Graph, donations: Donations): [input: number, output: number][] {
  const seen = new Set<Node>();
  return [...donations].filter(([input, output]) => {
    const { root } = storageOf(graph.outputs[output]!);
    if (!sameType(graph.outputs[output]!, graph.inputs[input]!)) return false;
    if (seen.has(root) || (root.operation === null && root !== graph.inputs[input])) return false;
    seen.add(root);
    return true;
  });
}

/** Gives up a donated result that still stands where the program that computed it will write again. */
function giveUp(value: Value): void {
  if (!(value instanceof ResidentArray && value.slot instanceof ResultSlot)) return;
  if (value.slot.holder !== value) return;
  value.slot.use();
  value.slot.takeOver();
}

class LinearProgram implements Program {
  readonly #steps: readonly Step[];
  readonly #memory: ProgramMemory;
  readonly #actions: ProgramActions;
  readonly #release: () => void;
  readonly target = "wasm";
  readonly kernels: number;
  readonly bytes: number;
  /** The inputs that are copied in, and the results that are copied out. */
  readonly #copiedIn: readonly number[];
  readonly #copiedOut: readonly number[];
  /** The donated input of this run that stands in each slot already. */
  readonly #inPlace: (ResidentArray | null)[];
  readonly #givenUp: readonly number[];
  #released = false;

  constructor({ graph, steps, memory, actions, release, ownBytes }: Parts, givenUp: readonly number[]) {
    this.#givenUp = givenUp;
    this.#steps = steps;
    this.#memory = memory;
    this.#actions = actions;
    this.#release = release;
    // What only looks at a result again is no kernel of its own.
    this.kernels = steps.filter(({ writes }) => writes.length > 0).length;
    this.bytes = memory.plan.bytes + ownBytes;
    const { slots, results } = memory;
    const staying = new Set([...slots, ...results].map(({ output }) => output));
    this.#copiedIn = [...graph.inputs.keys()].filter((i) => slots.every(({ input }) => input !== i));
    this.#copiedOut = [...graph.outputs.keys()].filter((i) => !staying.has(i));
    this.#inPlace = slots.map(() => null);
  }

  get threads(): number {
    return this.#actions.threads;
  }

  run(inputs: readonly Value[], isOwner = false): Value[] {
    return inWorkspace(this.#memory.plan.bytes, (base) => this.#runAt(base, inputs, isOwner));
  }

  #runAt(base: number, inputs: readonly Value[], isOwner: boolean): Value[] {
    const memory = this.#memory;
    const { slots, results: kept } = memory;
    memory.refresh();
    for (const use of slots) memory.saveMisplaced(use, inputs[use.input]!);
    // What is donated comes last: the same array may be read for another input too.
    for (const i of this.#copiedIn) memory.putIn(i, inputs[i]!, base);
    slots.forEach(({ input, slot }, i) =>
      this.#inPlace[i] = this.#takeOver(input, slot, inputs[input]!, base)
    );
    for (const input of this.#givenUp) giveUp(inputs[input]!);
    for (const { slot } of kept) slot.renew();
    this.#actions.run(base);
    const results = new Array<Value>(this.#copiedOut.length + slots.length + kept.length);
    for (const i of this.#copiedOut) results[i] = memory.read(i, base);
    // What stays here is moved to its place last, as other results may still be read from there.
    slots.forEach((use, i) => {
      memory.moveToSlot(use, base);
      const before = this.#inPlace[i]!;
      const canStay = isOwner && before !== null && !before.isCopied;
      results[use.output] = canStay ? use.slot.holder = before : use.slot.handOut();
    });
    for (const { output, slot } of kept) {
      results[output] = slot.keeps ? slot.handOut() : memory.read(output, base);
    }
    return results;
  }

  /** Puts a donated input into its slot, and takes it from whoever has it; the array that stood there already. */
  #takeOver(input: number, slot: DonatedSlot, value: Value, base: number): ResidentArray | null {
    const { holder } = slot;
    if (holder !== null && holder === value) {
      slot.takeOver();
      return holder;
    }
    slot.vacate();
    this.#memory.putIn(input, value, base);
    return null;
  }

  describe(): { groups: string; memory: string } {
    const { plan } = this.#memory;
    const lines = this.#steps.filter(({ writes }) => writes.length > 0).map((step, i) => {
      const names = step.group.nodes.map((node) => node.operation!.name).join(" ");
      const { domain } = step.group;
      const by = step.library === undefined ? "" : ` by ${step.library}`;
      const loop = step.parts === undefined ? "loop" : `region of ${step.parts}`;
      return `${i}: ${domain === null ? "kernel" : `${loop} over [${domain.join(", ")}]`}: ${names}${by}`;
    });
    const places = this.#steps.flatMap((step, i) =>
      step.writes.map((node) => {
        const at = plan.offsets.get(node) ??
          (plan.writtenInPlace.has(node) ? "the place of a donated argument" : "a place where it stays");
        return `${i}: ${node.operation!.name} [${node.shape.join(", ")}] ${bytesOf(node)} bytes at ${at}`;
      })
    );
    const sum = `${plan.bytes} bytes, ${plan.unsharedBytes} without sharing`;
    return { groups: lines.join("\n"), memory: [...places, sum].join("\n") };
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#release();
  }
}
