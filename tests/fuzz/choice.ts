/** Choices that a seed repeats. */
import { randomFrom } from '../faults/random.ts'

/** What is chosen by. */
export interface Choice {
  /** From 0 up to 1. */
  readonly next: () => number
  /** True once in so many times. */
  readonly oneIn: (times: number) => boolean
  readonly below: (limit: number) => number
  readonly of: <T>(items: readonly T[]) => T
  readonly uuid: () => string
}

export function choiceFrom(seed: number): Choice {
  const next = randomFrom(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    oneIn: (times) => below(times) === 0,
    of: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('There is nothing to choose from.')
      return item
    },
    uuid: () => {
      const digits = Array.from({ length: 32 }, () => below(16).toString(16)).join('')
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-7${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`
    },
  }
}
