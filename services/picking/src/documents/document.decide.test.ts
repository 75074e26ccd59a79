import { describe, expect, test } from '@jest/globals'
import { facts } from '../../test/builders.ts'
import { effectiveAtRefusal } from './document.decide.ts'

describe('when it happened', () => {
  const yesterday = new Date('2026-04-19T08:00:00Z')
  const tomorrow = new Date('2026-04-21T08:00:00Z')
  test.each<[string, string[], Date | undefined, string | undefined]>([
    ['nobody says', [], undefined, undefined],
    ['an operator may not say', [], tomorrow, 'effective-at-forbidden'],
    ['not in the future', ['effective-at.set'], tomorrow, 'effective-at-future'],
    ['before now', ['effective-at.set'], yesterday, undefined],
    ['just now', ['effective-at.set'], facts().now, undefined],
  ])('%s', (_title, rights, at, refused) =>
    expect(effectiveAtRefusal(at, facts({ may: (right) => rights.includes(right) }))?.refused).toBe(refused),
  )
})
