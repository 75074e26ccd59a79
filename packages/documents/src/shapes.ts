/** Shapes of requests that are the same for every kind of document. */
import { values } from '@stockline/contracts'
import { z } from 'zod'
import { mostLines } from './document.ts'

/** As many as a document has at most. @param what they are called */
export function manyOf<Each extends z.ZodType>(each: Each, what: string) {
  return z.array(each).max(mostLines, `must have at most 1,000 ${what}`)
}

/** Why. */
export const reasonBody = z.object({ reason: values.reason })
