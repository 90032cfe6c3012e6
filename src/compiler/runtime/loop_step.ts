/** Loops of a program: the step is a program of its own, which runs with its operands where they stand. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Step } from "../emit/lower_group.ts";
import { GraphLoop, type LoopPart } from "../graph/loop.ts";
import type { Node } from "../graph/nodes.ts";
import type { KernelStep } from "../kernels/kernel_steps.ts";
import { simplify } from "../passes/simplify.ts";
import type { Group } from "../plan/fusion.ts";
import { paddedSize, sharedMemory } from "../wasm/linear_memory.ts";

/** The program of a step, which runs in given room on operands that stand somewhere in the memory. */
export interface StepProgram {
  /** Bytes of room that one run works in. */
  readonly bytes: number;
  /** Has an input read from an address from now on. */
  pointTo(input: number, address: number): void;
  /** Makes ready for runs, after the memory may have grown. */
  refresh(): void;
  /** Computes the results in the room that begins at an address. */
  run(base: number): void;
  /** Tells where a result stands after a run in that room: not always in the same place if it is an input. */
  placeOf(output: number, base: number): () => number;
  /** Gives back what it holds. */
  release(): void;
}

/** The step of a program that is a loop; null for any other group. */
export function loopStep(
  group: Group,
  emit: (step: GraphLoop["iteration"]["step"]) => StepProgram,
): Step | null {
  const node = group.nodes[0]!;
  if (!(node.attributes instanceof GraphLoop)) return null;
  const program = emit(simplify(node.attributes.iteration.step));
  const code = runLoop(node, node.attributes, program);
  return { group, code, reads: node.operands, writes: [node], inPlace: [], scratch: code.scratch };
}

function runLoop(node: Node, loop: GraphLoop, program: StepProgram): KernelStep {
  const { states, slices, length, isReversed } = loop.iteration;
  const element = bytesOfElement(loop.dtype);
  const bytesOfPart = ({ shape }: LoopPart): number => sizeOf(shape) * element;
  const lastBytes = loop.last.map(bytesOfPart);
  const outputBytes = loop.outputs.map((part) => bytesOfPart(part) / length);
  const stateBytes = lastBytes.reduce((sum, bytes) => sum + paddedSize(bytes), 0);
  const sliceBytes = node.operands.slice(states, states + slices).map((x) =>
    sizeOf(x.shape.slice(1)) * bytesOfElement(x.dtype)
  );
  return {
    scratch: paddedSize(program.bytes) + 2 * stateBytes,
    release: () => program.release(),
    link: (context, scratch) => (base) => {
      const room = base + scratch;
      program.refresh();
      const bytes = new Uint8Array(sharedMemory().buffer);
      const copy = (from: number, to: number, count: number): void =>
        void bytes.copyWithin(to, from, from + count);
      const [to, ...from] = [node, ...node.operands].map((x) => context.addressOf(x, base));
      const startOf = ({ offset }: LoopPart): number => to! + element * offset;
      const [outputAt, keptAt] = [loop.outputs.map(startOf), loop.kept.map(startOf)];
      for (let k = states + slices; k < from.length; k++) program.pointTo(k, from[k]!);
      const found = loop.iteration.step.outputs.map((_, k) => program.placeOf(k, room));
      // The state of a step is read from one place while the next is written to another.
      let [current, next] = placesOf(loop, room + paddedSize(program.bytes), stateBytes);
      loop.last.forEach((part, k) => copy(from[k]!, current![k]!, bytesOfPart(part)));
      for (let i = 0; i < length; i++) {
        const t = isReversed ? length - 1 - i : i;
        current!.forEach((address, k) => program.pointTo(k, address));
        sliceBytes.forEach((size, k) => program.pointTo(states + k, from[states + k]! + t * size));
        loop.kept.forEach((_, k) => copy(current![k]!, keptAt[k]! + t * lastBytes[k]!, lastBytes[k]!));
        program.run(room);
        loop.last.forEach((_, k) => copy(found[k]!(), next![k]!, lastBytes[k]!));
        loop.outputs.forEach((_, k) =>
          copy(found[states + k]!(), outputAt[k]! + t * outputBytes[k]!, outputBytes[k]!)
        );
        [current, next] = [next, current];
      }
      loop.last.forEach((part, k) => copy(current![k]!, to! + element * part.offset, bytesOfPart(part)));
    },
  };
}

/** Two places for each part of the state. */
function placesOf(loop: GraphLoop, start: number, stateBytes: number): readonly (readonly number[])[] {
  const element = bytesOfElement(loop.dtype);
  return [start, start + stateBytes].map((at) =>
    loop.last.map(({ shape }) => {
      const address = at;
      at += paddedSize(sizeOf(shape) * element);
      return address;
    })
  );
}
