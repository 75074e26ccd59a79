import { describe, expect, test } from '@jest/globals'
import { refuse } from '@stockline/service-kit/refusal'
import { inAnyVersion, nothingLeft, verdict, type Decided } from './decision.ts'

describe('what counts of a decision, in order of precedence', () => {
  const no = refuse('receipt-empty', 'state', 'Nothing was received.')
  const done = { document: 'after', notes: [] }
  test.each<[string, Decided<string>, number | undefined, object | string]>([
    ['a second tap is no error, whatever was read', 'already', 1, 'already'],
    ['nor is one that names no version', 'already', undefined, 'already'],
    ['what holds in any version goes before the version', inAnyVersion(no), 1, { refused: 'receipt-empty' }],
    ['the version goes before any other refusal', no, 1, { refused: 'version-stale', kind: 'stale' }],
    ['and before a decision', done, 1, { refused: 'version-stale' }],
    ['it must be named', done, undefined, { refused: 'version-missing', kind: 'versionMissing' }],
    ['a refusal of what was read', no, 2, { refused: 'receipt-empty' }],
    ['a decision on what was read', done, 2, done],
  ])('%s', (_title, decided, read, counts) => expect([verdict(decided, 2, read)]).toMatchObject([counts]))
})

test('a field that is left of a body does not compile', () => {
  const { taken: _taken, ...rest }: { taken: string } = { taken: 'x' }
  nothingLeft(rest)
  const { reason: _reason, ...more }: { reason: string; carrier?: string } = { reason: 'x' }
  // @ts-expect-error -- nobody takes the carrier
  nothingLeft(more)
})
