import type { Lane, Lanes } from "./lanes.ts";
import { scaledExp } from "./exponential.ts";
import { type Coefficients, coefficientsFor, polynomial } from "./polynomial.ts";

/** erf(x) / x - 1 in x², for |x| <= 0.88, to 2^-26 of erf(x), and to 2^-56. */
const SMALL: Coefficients = {
  single: [
    ...[0.12837915122509003, -0.3761250376701355, 0.11281921714544296, -0.026770493015646935],
    ...[0.004998959135264158, -0.0006020799628458917],
  ],
  double: [
    ...[0.1283791670955126, -0.37612638903184126, 0.1128379167097373, -0.02686617064875327],
    ...[0.005223977661602957, -0.0008548329124975569, 0.00012055408736946844, -1.4927386429565008e-05],
    ...[1.6487145837418554e-06, -1.6579177529252332e-07, 1.5679651232018785e-08, -1.2278917116120672e-09],
  ],
};
/** The same for |x| <= 0.5, to 2^-56, to 2^-36, and for float32 to 2^-26. */
const SMALLER: Coefficients = {
  single: [
    ...[0.12837916612625122, -0.3761260509490967, 0.11282714456319809, -0.02674928866326809],
    0.004701228812336922,
  ],
  double: [
    ...[0.12837916709551256, -0.3761263890318288, 0.11283791670873841, -0.026866170615890878],
    ...[0.005223977098842078, -0.0008548273822470773, 0.000120521813479499, -1.4816953590860521e-05],
    1.4432459475790679e-06,
  ],
  rough: [
    ...[0.12837916708204855, -0.37612638518360353, 0.1128377377678005, -0.02686311617813959],
    ...[0.005200289142325534, -0.0007692510723452524],
  ],
};
/** log2(erfc(x)) from 0.88 to 4 (5.95 for float64), so that erfc(x) is within 2^-29, and 2^-55. */
const LOG2: Coefficients = {
  single: [
    ...[-0.0002172411186620593, -1.6271615028381348, -0.9188050627708435, -0.15034113824367523],
    ...[0.03225947916507721, -0.0044388556852936745, 0.00028762005968019366],
  ],
  double: [
    ...[-3.094898194478466e-07, -1.6279036951789565, -0.9184648221368152, -0.14821856485143434],
    ...[0.027489537043074306, 0.0004640902929733811, -0.0026291815628918134, 0.0010019497867865134],
    ...[-0.00012475591678696229, -6.446904413566547e-05, 4.688103901519254e-05, -1.683460757864623e-05],
    ...[4.120983060813576e-06, -7.277130874731735e-07, 9.214522626938235e-08, -7.985134026804579e-09],
    ...[4.2542794512642013e-10, -1.052372552007125e-11],
  ],
};
/** (2^f - 1) / f for |f| <= 0.5, to 2^-23 of 2^f, and to 2^-56. */
const EXP2: Coefficients = {
  single: [
    ...[0.6931470036506653, 0.24022221565246582, 0.05550647899508476, 0.009672836400568485],
    0.001330549013800919,
  ],
  double: [
    ...[0.6931471805599453, 0.24022650695910172, 0.05550410866482457, 0.00961812910757716],
    ...[0.0013333558145573097, 0.00015403530478610687, 1.5252734727155376e-05, 1.3215424315359127e-06],
    ...[1.0177660525532497e-07, 7.075726963947859e-09, 4.518903672494394e-10],
  ],
};
/** exp(x²) erfc(x) (1 + 2 x) in (x - c) / (x + c), from 0.5 to 27.3 (10.2 for float32, to 2^-26 with c = 2). */
const SCALED: Coefficients = {
  single: [
    ...[1.2769783735275269, -0.09276362508535385, -0.16603021323680878, 0.1640431135892868],
    ...[-0.054219894111156464, -0.007950832135975361, 0.008700165897607803, 0.0009534477721899748],
    -0.001326027326285839,
  ],
  double: [
    ...[1.2329951186255526, -0.1396211168405625, 0.01537965210261902, 0.06809705425469045],
    ...[-0.10103906603625315, 0.09373283499844533, -0.06633036581362525, 0.03716751553556525],
    ...[-0.01619773403801836, 0.0050319699995604004, -0.0007577734504737271, -0.00019925684466462712],
    ...[0.00015062250263047402, -2.439853380414867e-05, -1.1224750744110077e-05, 5.707669879643397e-06],
    ...[2.9958417259760226e-07, -8.212722715615718e-07, 6.700495882452799e-08, 1.0472901883288857e-07],
    ...[-1.2218277525120454e-08, -1.0176211737029929e-08],
  ],
  rough: [
    ...[1.2530080583714334, -0.13562104624226687, -0.047562308461389244, 0.12964260706815506],
    ...[-0.11927380402035993, 0.06833806555273984, -0.023762880110717078, 0.002391086690439265],
    ...[0.0018345439592254867, -0.0005292187249213593],
  ],
};

/** The error function: beyond 0.88, 1 - erfc(x) by the logarithm of erfc(x), which is almost a parabola. */
export function erf(L: Lanes, x: Lane): Lane {
  const square = L.mul(x, x);
  const small = L.fma(x, polynomial(L, square, coefficientsFor(L, SMALL)), x);
  const size = L.quickMin(L.abs(x), L.constant(L.isNarrow ? 4 : 5.95));
  const logarithm = polynomial(L, size, coefficientsFor(L, LOG2));
  const n = L.roundToInteger(logarithm, 1, L.isNarrow ? 127 : 1023);
  const f = L.sub(logarithm, n.number);
  const power = L.powerOfTwo(n.bits);
  const rest = L.sub(L.constant(1), power);
  const large = L.fnma(L.mul(f, power), polynomial(L, f, coefficientsFor(L, EXP2)), rest);
  return L.select(L.gt(size, L.constant(0.88)), L.withSign(large, x), small);
}

/** What x² loses when it is rounded. */
function squareError(L: Lanes, x: Lane, square: Lane): Lane {
  if (L.fused) return L.fma(x, x, L.neg(square));
  const high = L.and(x, L.bits(L.isNarrow ? -1 << 12 : -1n << 27n));
  const low = L.sub(x, high);
  const middle = L.mul(L.add(high, high), low);
  return L.add(L.add(L.sub(L.mul(high, high), square), middle), L.mul(low, low));
}

/** What {@linkcode SCALED} has in place of c, where it ends, and the power of two that keeps the tail normal. */
const TAIL = {
  single: { centre: 2, end: 10.2, shift: 64 },
  rough: { centre: 3, end: 10.2, shift: 0 },
  double: { centre: 4, end: 27.3, shift: 512 },
} as const;

/** 1 - erf(x) without cancellation: exp(-x²) times what varies slowly. */
export function erfc(L: Lanes, x: Lane): Lane {
  const { centre, end, shift } = TAIL[L.precision];
  const one = L.constant(1);
  const size = L.quickMin(L.abs(x), L.constant(end));
  const t = L.div(L.sub(size, L.constant(centre)), L.add(size, L.constant(centre)));
  const slow = L.div(polynomial(L, t, coefficientsFor(L, SCALED)), L.add(one, L.add(size, size)));
  const square = L.mul(size, size);
  const error = L.precision === "rough" ? undefined : squareError(L, size, square);
  const product = L.mul(slow, scaledExp(L, L.neg(square), shift, error));
  const tail = shift === 0 ? product : L.mul(product, L.constant(2 ** -shift));
  const large = L.select(L.lt(x, L.constant(0)), L.sub(L.constant(2), tail), tail);
  const near = L.fma(x, polynomial(L, L.mul(x, x), coefficientsFor(L, SMALLER)), x);
  return L.select(L.gt(L.abs(x), L.constant(0.5)), large, L.sub(one, near));
}
