/**
 * The fields of a document, each declared once: its type, its column, both directions between row and document, and what answers
 * show of it. Types are inferred from the declaration. No relations and no queries: a document is one head and its lines.
 */
import {
  formatQuantity,
  formatUnitPrice,
  parseQuantity,
  parseUnitPrice,
  type Quantity,
  type UnitPrice,
} from '@stockline/amounts'
import { values } from '@stockline/contracts'
import { z } from 'zod'

/**
 * Where a field is seen: in lists and in answers; in answers alone; nowhere; or `read` for lists, whose reader shows something else
 * in its place.
 */
export type Seen = 'listed' | 'answered' | 'kept' | 'read'

/** One field. `Value` is its type in the program, `Json` what answers show. Null and undefined pass every direction as they are. */
export interface Field<Value = unknown, Json = unknown> {
  /** Carries the type; there is no such property. */
  readonly type?: Value
  /** Type of its column, and of the value on its way in. */
  readonly column: string
  /** The words that a choice is made of, in their order. */
  readonly words?: readonly string[]
  /** Text columns that it is made of in place of one: `vendor_code` and `vendor_name` of `vendor`. Null where the first is. */
  readonly parts?: readonly string[]
  /** Out of its row, where that holds something else. */
  readonly decode?: (kept: unknown) => unknown
  /** Into its row. */
  readonly encode?: (value: unknown) => unknown
  /** Into an answer; `isAll` where what is restricted is shown, too. */
  readonly show?: (value: unknown, isAll: boolean) => unknown
  /** What answers show, for the documents of the API. */
  readonly shape: z.ZodType<Json>
  /** What a list can be asked for in a query. */
  readonly filter: z.ZodType<string>
  readonly seen: Seen
  /** What lists read in its place: SQL. */
  readonly listedAs?: string
  /** Shown to some only. */
  readonly isRestricted?: boolean
  /** Kept from the beginning: changes do not write it. */
  readonly isFixed?: true
  readonly isOptional?: boolean
  /** How many rows a value fills, where it is more than the one that it is in. */
  readonly weigh?: (value: unknown) => number
}

/** Fields by their names. */
export type Fields = Readonly<Record<string, Field>>

/** A field for each of some values, under its name: `{…} satisfies FieldsFor<Values>`. */
export type FieldsFor<Values> = { readonly [Name in keyof Values]: Field<Values[Name]> }

type OptionalIn<Of> = { [Name in keyof Of]: Of[Name] extends { readonly isOptional: true } ? Name : never }[keyof Of]
type TypeOf<One> = One extends Field<infer Value> ? Value : never
type Required<Of> = { readonly [Name in Exclude<keyof Of, OptionalIn<Of>>]: TypeOf<Of[Name]> }

/** What the fields hold, each under its name. */
export type ValueOf<Of> = [OptionalIn<Of>] extends [never]
  ? Required<Of>
  : Required<Of> & { readonly [Name in OptionalIn<Of>]?: TypeOf<Of[Name]> }

/** The names of fields that are seen so. */
export type NamesSeen<Of, Wanted extends Seen> = {
  [Name in keyof Of]: Of[Name] extends { readonly seen: Wanted } ? Name : never
}[keyof Of] &
  string

interface Ways<Value, Json, Kept> {
  readonly decode?: (kept: Kept) => Value
  readonly encode?: (value: Value) => Kept
  readonly show?: (value: Value, isAll: boolean) => Json
  readonly filter?: z.ZodType<string>
  readonly words?: readonly string[]
  readonly parts?: readonly string[]
  readonly weigh?: (value: Value) => number
}

function field<Value, Json = Value, Kept = unknown>(
  column: string,
  shape: z.ZodType<Json>,
  ways: Ways<Value, Json, Kept> = {},
): Field<Value, Json> & { readonly seen: 'kept' } {
  return { column, shape, filter: z.string(), seen: 'kept', ...(ways as object) }
}

/** A text. */
export const text = (shape: z.ZodType<string> = z.string()) => field<string>('text', shape)
/** Texts. */
export const texts = () => field<readonly string[]>('text[]', z.array(z.string()).readonly())
/** One of some words. */
export const choice = <const Word extends string>(...words: readonly [Word, ...Word[]]) =>
  field<Word>('text', z.enum(words), { filter: z.enum(words), words })
/** An id: a UUID. */
export const uuid = () => field<string>('uuid', values.id, { filter: values.id })
/** A number without decimals. */
export const integer = () => field<number>('int', z.int())
/** Yes or no. */
export const yesOrNo = (shape: z.ZodType<boolean> = z.boolean()) => field<boolean>('boolean', shape)
/** A day: `2026-04-20`. */
export const day = (shape: z.ZodType<string> = z.iso.date()) => field<string>('date', shape)
/** A point in time. */
export const pointInTime = () =>
  field<Date, string, Date>('timestamptz', z.iso.datetime(), { show: (value) => value.toISOString() })
/** A place in a sequence that may become longer than numbers are exact. */
export const position = () =>
  field<bigint, string, bigint | string>('bigint', z.string(), {
    decode: (kept) => BigInt(kept),
    encode: (value) => value.toString(),
    show: (value) => value.toString(),
  })
/** A quantity. */
export const amount = () =>
  field<Quantity, string, string>('numeric', z.string(), {
    decode: parseQuantity,
    encode: formatQuantity,
    show: (value) => formatQuantity(value),
  })
/** A price of one unit. */
export const perUnit = () =>
  field<UnitPrice, string, string>('numeric', z.string(), {
    decode: parseUnitPrice,
    encode: formatUnitPrice,
    show: (value) => formatUnitPrice(value),
  })
/** JSON as it is, in a column of its own; what answers show of it is declared elsewhere. It weighs what its text fills. */
export const json = <Value>() =>
  field<Value, never>('jsonb', z.never(), { weigh: (value) => Math.ceil(JSON.stringify(value).length / bytesOfRow) })
/** A party by its code and name, in two columns. */
export const party = () =>
  field<{ readonly code: string; readonly name: string }>('json', values.partner, { parts: ['code', 'name'] })

const bytesOfRow = 200

/** A list of things that have fields of their own, in one column. */
export function list<Of extends Fields>(of: Of) {
  type Item = ValueOf<Of>
  const [{ decode, encode }, { show }] = [keptBy(of), shownBy(of)]
  return field<readonly Item[], readonly AnswerOf<Of>[], readonly object[]>(
    'jsonb',
    z.array(z.object(shapes(of, 'listed', 'answered')) as unknown as z.ZodType<AnswerOf<Of>>).readonly(),
    {
      decode: (kept) => kept.map((one) => decode(one)),
      encode: (all) => all.map((one) => encode(one)),
      show: (all, isAll) => all.map((one) => show(one, isAll)),
      weigh: (all) => all.length,
    },
  )
}

/** A thing that has fields of its own, inside of a list. */
export function group<Of extends Fields>(of: Of) {
  const [{ decode, encode }, { show }] = [keptBy(of), shownBy(of)]
  return field<ValueOf<Of>, AnswerOf<Of>, object>(
    'jsonb',
    z.object(shapes(of, 'listed', 'answered')) as unknown as z.ZodType<AnswerOf<Of>>,
    { decode, encode, show },
  )
}

/** The field, or null. */
export function nullable<Value, Json, To extends Seen>(
  of: Field<Value, Json> & { readonly seen: To },
): Field<Value | null, Json | null> & { readonly seen: To } {
  return { ...of, shape: of.shape.nullable() }
}

/** A field that is left out where it says nothing. Inside of lists alone: a row has every column. */
export function optional<Of extends Field>(of: Of): Of & { readonly isOptional: true } {
  return { ...of, shape: of.shape.optional(), isOptional: true }
}

/** Lists and answers show it. @param description for those who read the API's documents */
export function inLists<Of extends Field>(of: Of, description?: string): As<Of, { readonly seen: 'listed' }> {
  return as(of, description, { seen: 'listed' })
}

/** Answers show it; lists do not. */
export function inAnswers<Of extends Field>(of: Of, description?: string): As<Of, { readonly seen: 'answered' }> {
  return as(of, description, { seen: 'answered' })
}

/** Answers to some show it: to others they are given without it. */
export function restricted<Of extends Field>(
  of: Of,
  description?: string,
): As<Of, { readonly seen: 'answered'; readonly isRestricted: true }> {
  return as({ ...of, shape: of.shape.optional() }, description, { seen: 'answered', isRestricted: true })
}

/** Lists read a part of it, by an expression on the head `d`. */
export function readAs<Of extends Field>(of: Of, listedAs: string): As<Of, { readonly seen: 'read' }> {
  return as({ ...of, listedAs }, undefined, { seen: 'read' })
}

/** What a document keeps from its beginning: changes do not write it. */
export function fixed<Of extends Field>(of: Of): Of {
  return { ...of, isFixed: true }
}

type As<Of, Marks> = Omit<Of, keyof Marks> & Marks

function as<Of extends Field, Marks extends Partial<Field>>(
  of: Field,
  description: string | undefined,
  marks: Marks,
): As<Of, Marks> {
  const shape = description === undefined ? of.shape : of.shape.meta({ description })
  return { ...of, shape, ...marks } as unknown as As<Of, Marks>
}

type JsonOf<One> = One extends { readonly shape: z.ZodType<infer Json> } ? Json : never
type Hideable<Of> = {
  [Name in keyof Of]: Of[Name] extends { readonly isOptional: true } | { readonly isRestricted: true } ? Name : never
}[keyof Of]

/** What is shown of fields. */
export type AnswerOf<Of, Wanted extends Seen = 'listed' | 'answered'> = {
  [Name in Exclude<NamesSeen<Of, Wanted>, Hideable<Of>>]: JsonOf<Of[Name]>
} & { [Name in Extract<NamesSeen<Of, Wanted>, Hideable<Of>>]?: JsonOf<Of[Name]> }

const isAnswered = (one: Field | undefined): boolean => one?.seen === 'listed' || one?.seen === 'answered'

/** Shapes of fields that are seen so, to be completed with what is not a field. */
export function shapes<Of extends Fields, const Wanted extends Seen>(of: Of, ...wanted: readonly Wanted[]) {
  const all = Object.entries(of).filter(([, { seen }]) => wanted.includes(seen as Wanted))
  return Object.fromEntries(all.map(([name, { shape }]) => [name, shape])) as {
    readonly [Name in NamesSeen<Of, Wanted>]: Name extends Hideable<Of>
      ? z.ZodOptional<z.ZodType<JsonOf<Of[Name]>>>
      : z.ZodType<JsonOf<Of[Name]>>
  }
}

/** Both directions between rows and what fields hold, made once and used for many rows. @param besides what rows hold, too */
export function keptBy<Of extends Fields>(of: Of, ...besides: readonly string[]) {
  const decoded = waysOf(of, ({ decode }) => decode).filter(([, decode]) => decode !== undefined)
  return {
    /** Makes the value out of a row that nobody else holds: in place. */
    decode: (row: object): ValueOf<Of> => {
      const held = row as Record<string, unknown>
      for (const [name, decode] of decoded) {
        const kept = held[name]
        if (kept !== null && kept !== undefined) held[name] = decode?.(kept, true)
      }
      return row as ValueOf<Of>
    },
    /** The row on its way in: its fields alone, whatever else the value holds. */
    encode: projection(
      waysOf(of, ({ encode }) => encode),
      besides,
    ),
  }
}

/** What is shown of fields, made once and used for many answers. */
export function shownBy<Of extends Fields>(of: Of) {
  const shown = waysOf(of, ({ show }) => show).filter(([name]) => isAnswered(of[name]))
  const toAll = projection(shown.filter(([name]) => of[name]?.isRestricted !== true))
  const [toSome, inList] = [projection(shown), projection(shown.filter(([name]) => of[name]?.seen === 'listed'))]
  return {
    /** What an answer shows of it; `isAll` with what is restricted. */
    show: (value: ValueOf<Of>, isAll = true) => (isAll ? toSome : toAll)(value, isAll) as AnswerOf<Of>,
    /** What a list shows of it. */
    showListed: (value: Pick<ValueOf<Of>, NamesSeen<Of, 'listed'> & keyof ValueOf<Of>>) =>
      inList(value, true) as AnswerOf<Of, 'listed'>,
  }
}

type Way = ((value: unknown, isAll: boolean) => unknown) | undefined
type NamedWays = readonly (readonly [name: string, way: Way])[]

function waysOf(of: Fields, way: (one: Field) => Way): NamedWays {
  return Object.entries(of).map(([name, one]) => [name, way(one)])
}

/** Makes objects of one shape each time: V8 keeps what grows name by name in a slower form. */
function projection(ways: NamedWays, besides: readonly string[] = []) {
  const names = [...ways.map(([name]) => name), ...besides]
  const empty = JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))) as object
  const changed = ways.filter(([, way]) => way !== undefined)
  const same = ways.flatMap(([name, way]) => (way === undefined ? [name] : []))
  return (value: object, isAll = true): Record<string, unknown> => {
    const held = value as Readonly<Record<string, unknown>>
    const made: Record<string, unknown> = { ...empty }
    for (const name of same) made[name] = held[name]
    for (const [name, way] of changed) {
      const one = held[name]
      made[name] = one === null || one === undefined ? one : way?.(one, isAll)
    }
    return made
  }
}
