// More outputs than inputs: forwards, all directions at the same time. The vertices are one product of a constant
// matrix (weights times base positions) and the bones' transformations; the bones are batches of 4 by 4 matrices,
// one batch for each generation of the skeleton.
import {
  compile,
  concat,
  constant,
  eye,
  jacobianForward,
  NdArray,
  stack,
  unstack,
  type Variable,
} from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** Finger g's first bone is 2 + 4g, its first angle 6 + 4g. */
const FINGERS = 5;
const THETA = 26;

/** The bones of one generation, and the place of each one's parent in the generation before. */
interface Generation {
  readonly bones: readonly number[];
  readonly parents: readonly number[];
}

/** What decides which operations there are. */
interface Structure {
  readonly generations: readonly Generation[];
  /** Where each bone stands when the generations are put one after the other. */
  readonly order: readonly number[];
  readonly isMirrored: boolean;
  /** Whether the whole hand is turned; too small an angle has no axis, and counts as none. */
  readonly isTurned: boolean;
}

/** What they are done on beside theta. */
interface Hand {
  /** `[bones, 4, 4]` */
  readonly baseRelatives: Variable;
  /** `[bones, 4, 4]` */
  readonly inverseBaseAbsolutes: Variable;
  /** `[vertices, 1, 4]` */
  readonly basePositions: Variable;
  /** `[vertices, bones, 1]` */
  readonly weights: Variable;
  /** The places looked at: a vertex each, or the three corners of a triangle each. */
  readonly corners: readonly Variable[];
  /** Where in its triangle each place is, `[places, 2]`. */
  readonly us: Variable;
  /** Where the places were measured, `[places, 3]`. */
  readonly points: Variable;
}

/** The places of the joints' angles in theta followed by a 0, which stands for all angles that are fixed. */
function anglePlaces(bones: number): { x: NdArray; z: NdArray } {
  const x = new Float64Array(bones).fill(THETA);
  const z = new Float64Array(bones).fill(THETA);
  for (let g = 0; g < FINGERS; g++) {
    x.set([6 + 4 * g, 8 + 4 * g, 9 + 4 * g], 2 + 4 * g);
    z[2 + 4 * g] = 7 + 4 * g;
  }
  return { x: new NdArray(x), z: new NdArray(z) };
}

/** Rotations `Rz(z) Rx(x)` as 4 by 4 matrices, `[bones, 4, 4]`. */
function rotations(x: Variable, z: Variable): Variable {
  const [cx, sx, cz, sz] = [x.cos(), x.sin(), z.cos(), z.sin()];
  const o = constant(new Float64Array(x.size));
  const i = o.add(1);
  const rows = [
    cz,
    cx.mul(sz).neg(),
    sx.mul(sz),
    o,
    sz,
    cx.mul(cz),
    sx.mul(cz).neg(),
    o,
    o,
    sx,
    cx,
    o,
    o,
    o,
    o,
    i,
  ];
  return stack(rows, { axis: 1 }).reshape([x.size, 4, 4]);
}

/** The transformation of each bone from the hand at rest, `[bones, 4, 4]`. */
function transformations(theta: Variable, hand: Hand, { generations, order }: Structure): Variable {
  const places = anglePlaces(order.length);
  const angles = concat([theta, [0]]);
  const relatives = hand.baseRelatives.matmul(
    rotations(angles.gather(places.x), angles.gather(places.z)),
  );
  const absolutes: Variable[] = [];
  for (const { bones, parents } of generations) {
    const own = relatives.gather(bones);
    const before = absolutes.at(-1);
    absolutes.push(before === undefined ? own : before.gather(parents).matmul(own));
  }
  return concat(absolutes).gather(order).matmul(hand.inverseBaseAbsolutes);
}

/** The rotation matrix of a rotation vector, after Rodrigues. */
function globalRotation(r: Variable): Variable {
  const angle = r.square().sum().sqrt();
  const axis = r.div(angle);
  const cosine = angle.cos();
  const [a, b, c] = axis as Iterable<Variable> as unknown as [Variable, Variable, Variable];
  const o = constant(0);
  const across = stack([o, c.neg(), b, c, o, a.neg(), b.neg(), a, o]).reshape([3, 3]);
  const along = axis.reshape([3, 1]).mul(axis.reshape([1, 3]));
  return cosine.mul(eye(3)).add(angle.sin().mul(across)).add(cosine.neg().add(1).mul(along));
}

/** All vertices, `[vertices, 3]`. */
function vertices(theta: Variable, hand: Hand, structure: Structure): Variable {
  const bones = structure.order.length;
  const skin = hand.weights.mul(hand.basePositions).reshape([-1, 4 * bones]);
  const columns = transformations(theta, hand, structure).slice([0, 0], [bones, 3]).transpose([0, 2, 1]);
  const inHand = skin.matmul(columns.reshape([4 * bones, 3]));
  const seen = structure.isMirrored ? inHand.mul([-1, 1, 1]) : inHand;
  const turned = structure.isTurned ? seen.matmul(globalRotation(theta.slice(0, 3)).transpose()) : seen;
  return turned.add(theta.slice(3, 3));
}

/**
 * What was measured less where the hand has it, as one list.
 *
 * @param unknowns The 26 angles and translations of theta; before them, where there are us, two numbers that are
 *   added to all u and v, so that the derivatives by those are those of each place by its own u and v
 */
function differences(unknowns: Variable, hand: Hand, structure: Structure): Variable {
  const all = vertices(unknowns.slice(-THETA), hand, structure);
  const [a, b, c] = hand.corners.map((corner) => all.gather(corner));
  if (b === undefined) return hand.points.sub(a!).reshape([-1]);
  const uv = hand.us.add(unknowns.slice(0, 2));
  const u = uv.slice([0, 0], [-1, 1]);
  const v = uv.slice([0, 1], [-1, 1]);
  const places = u.mul(a!).add(v.mul(b)).add(u.add(v).neg().add(1).mul(c!));
  return hand.points.sub(places).reshape([-1]);
}

function readSkeleton(parents: Float64Array): { generations: Generation[]; order: number[] } {
  const generations: { bones: number[]; parents: number[] }[] = [];
  const places: { generation: number; place: number }[] = [];
  parents.forEach((parent, bone) => {
    const above = places[parent];
    if (parent !== -1 && above === undefined) {
      throw new TypeError(`Cannot read data.model.parents: bone ${bone} comes before its parent ${parent}`);
    }
    const generation = above === undefined ? 0 : above.generation + 1;
    const list = generations[generation] ??= { bones: [], parents: [] };
    places.push({ generation, place: list.bones.push(bone) - 1 });
    list.parents.push(above?.place ?? -1);
  });
  const starts = generations.map((_, g) =>
    generations.slice(0, g).reduce((sum, { bones }) => sum + bones.length, 0)
  );
  return { generations, order: places.map(({ generation, place }) => starts[generation]! + place) };
}

/** The vertices looked at, or the corners of the triangles looked at, each as one list. */
function readCorners(data: Input, model: Input, vertices: number, hasUs: boolean): Variable[] {
  if (!hasUs) return [constant(data.indices("correspondences", vertices))];
  const triangles = model.array("triangles", [undefined, 3]);
  const wrong = triangles.data.find((v) => !(Number.isInteger(v) && v >= 0 && v < vertices));
  if (wrong !== undefined) {
    throw new TypeError(`Cannot read data.model.triangles: there is no vertex ${wrong}`);
  }
  const chosen = constant(data.indices("correspondences", triangles.shape[0]!));
  return unstack(constant(triangles).gather(chosen), { axis: 1 });
}

function read(input: unknown): [unknowns: Variable, hand: Hand, structure: Structure] {
  const fields = new Input(input);
  const theta = fields.vector("theta", THETA);
  const data = fields.object("data");
  const model = data.object("model");
  const places = data.count("correspondences");
  const hasUs = fields.count("us") > 0;
  const parents = model.vector("parents");
  const bones = parents.length;
  if (bones <= 4 * FINGERS) {
    throw new TypeError(`Cannot read data.model.parents: ${bones} bones are too few for ${FINGERS} fingers`);
  }
  const positions = constant(model.array("base_positions", [undefined, 4]));
  const count = positions.shape[0]!;
  const matrices = (name: string): Variable => constant(model.array(name, [bones, 4, 4]));
  const hand: Hand = {
    baseRelatives: matrices("base_relatives"),
    inverseBaseAbsolutes: matrices("inverse_base_absolutes"),
    basePositions: positions.reshape([count, 1, 4]),
    weights: constant(model.array("weights", [count, bones])).reshape([count, bones, 1]),
    corners: readCorners(data, model, count, hasUs),
    us: constant(fields.array("us", [hasUs ? places : 0, 2])),
    points: constant(data.array("points", [places, 3])),
  };
  const structure: Structure = {
    ...readSkeleton(parents),
    isMirrored: model.boolean("is_mirrored"),
    isTurned: Math.hypot(theta[0]!, theta[1]!, theta[2]!) >= 1e-4,
  };
  return [constant(hasUs ? [0, 0, ...theta] : theta), hand, structure];
}

export const ht: Evaluation = {
  objective: (input) => {
    const [unknowns, hand, structure] = read(input);
    const f = compile(differences, { staticArgnums: [2] });
    return () => f(unknowns, hand, structure).toArray();
  },
  jacobian: (input) => {
    const [unknowns, hand, structure] = read(input);
    const jacobian = compile(jacobianForward(differences), { staticArgnums: [2] });
    return () => jacobian(unknowns, hand, structure).toArray();
  },
};
