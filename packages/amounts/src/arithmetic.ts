/** Sums and differences that keep their kind: a quantity plus a quantity is a quantity, and never money. */
import type { Money } from './money.ts'
import type { Quantity } from './quantity.ts'

type Amount = Quantity | Money

/** a + b. */
export function plus<Kind extends Amount>(a: Kind, b: Kind): Kind {
  return ((a as bigint) + b) as Kind
}

/** a − b. */
export function minus<Kind extends Amount>(a: Kind, b: Kind): Kind {
  return ((a as bigint) - b) as Kind
}

/** −a. */
export function negative<Kind extends Amount>(a: Kind): Kind {
  return -(a as bigint) as Kind
}

/** The smaller of both. */
export function least<Kind extends Amount>(a: Kind, b: Kind): Kind {
  return a < b ? a : b
}

/** How far both are apart, whichever is the larger. */
export function distance<Kind extends Amount>(a: Kind, b: Kind): Kind {
  return plus(atLeastZero(minus(a, b)), atLeastZero(minus(b, a)))
}

/** The amount, or zero where it is below zero. */
export function atLeastZero<Kind extends Amount>(a: Kind): Kind {
  return a > 0n ? a : (0n as Kind)
}
