/** The types that this service reacts to, and the errors about types that it does not know. Pure. */
import type { FieldError } from '../refusal.ts'
import { meaningBySchema, type Meaning } from '../values/meaning.ts'
import { unknownFields } from '../values/shape.ts'
import type { AnyContract, Reaction } from './reactions.ts'

/** What a type means to this service. */
export interface KnownType<P> {
  readonly contract: AnyContract
  readonly reactions: readonly Reaction<P>[]
  /** Fields of the data that the contract does not name. */
  readonly extraFields: (data: unknown) => FieldError[]
  readonly meaning: Meaning
}

/** What this service reacts to. */
export interface Vocabulary<P> {
  readonly types: ReadonlyMap<string, KnownType<P>>
  /** Names of types without their versions. */
  readonly names: ReadonlySet<string>
  /** Topics on which outside systems publish, and none of our services. */
  readonly outside: ReadonlySet<string>
}

/** Prepares the types of these reactions once. */
export function vocabularyOf<P>(reactions: readonly Reaction<P>[]): Vocabulary<P> {
  const types = new Map<string, KnownType<P>>()
  for (const one of reactions)
    for (const contract of one.contracts) {
      const before = types.get(contract.type)
      const extraFields = before?.extraFields ?? unknownFields(contract.data, '/data')
      const meaning = before?.meaning ?? meaningBySchema(contract.data)
      types.set(contract.type, { contract, reactions: [...(before?.reactions ?? []), one], extraFields, meaning })
    }
  const fromOutside = [...types.values()].filter(({ contract }) => contract.subjectField !== undefined)
  return {
    types,
    names: new Set([...types.keys()].map(nameOf)),
    outside: new Set(fromOutside.flatMap(({ contract }) => contract.topics)),
  }
}

/** The name of a type, without its version. */
export function nameOf(type: string): string {
  return type.replace(/\.v\d+$/, '')
}

/** A version that is not known here, of a type that is. */
export function unknownVersion<P>(type: string, known: ReadonlyMap<string, KnownType<P>>): FieldError {
  const versions = [...known.keys()].filter((one) => nameOf(one) === nameOf(type))
  return { pointer: '/type', message: `${type} is not known here, but ${versions.join(', ')} is` }
}

/** An unknown type of ours is for other readers; an unknown one from outside would be lost without notice. */
export function unknownOn<P>(topic: string, type: string, known: ReadonlyMap<string, KnownType<P>>): FieldError {
  const types = [...known].filter(([, { contract }]) => contract.topics.includes(topic)).map(([name]) => name)
  return { pointer: '/type', message: `${type} is not known here; on ${topic} known are ${types.join(', ')}` }
}

/** A type that is missing, or is no text, is the envelope's fault already. */
export function notAccepted(type: string, accepted: readonly AnyContract[]): FieldError[] {
  if (type === '') return []
  const types = accepted.map((contract) => contract.type).join(', ')
  return [{ pointer: '/type', message: `${type} is not accepted here; accepted are ${types}` }]
}
