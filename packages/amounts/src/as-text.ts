/** Rows of a database hold amounts as decimal text; all else as it is. */
import type { Money, UnitPrice } from './money.ts'
import type { Quantity } from './quantity.ts'

type AsText<Value> = Value extends Quantity | Money | UnitPrice ? string : Value

/** A row that holds a T: each amount of it as the text of a `numeric` column. */
export type AmountsAsText<T> = { readonly [Name in keyof T]: AsText<T[Name]> }
