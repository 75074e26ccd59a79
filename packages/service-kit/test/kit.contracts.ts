/** Events for the tests of the kit's data side. */
import { contract, type EventContract } from '@stockline/contracts/envelope'
import { z } from 'zod'

export interface Note {
  readonly text: string
}

/** What the tests' events carry. */
export const noted = contract({
  type: 'notes.noted.v1',
  topic: 'notes',
  subject: 'notebook',
  summary: 'A note was written.',
  data: z.object({ text: z.string(), lines: z.array(z.object({ quantity: z.string().regex(/^\d+$/) })).optional() }),
})
export const erased = contract({
  type: 'notes.erased.v1',
  topic: 'notes',
  subject: 'notebook',
  summary: 'A note was erased.',
  data: z.object({ text: z.string() }),
})
export const outsideNoted: EventContract<Note> = contract({
  type: 'outside.noted.v1',
  topic: 'outside',
  subject: 'notebook',
  summary: 'A note from outside.',
  data: z.object({ text: z.string() }),
})
