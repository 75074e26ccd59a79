import { describe, expect, test } from '@jest/globals'
import { earliestSigning, isDueForRotation, publishedSince } from './signing-key.ts'

const now = new Date('2026-11-30T12:00:00Z')
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)
const days = 24 * 60

describe('a key that is published', () => {
  test.each([
    [0, 15],
    [10, 5],
    [15, 0],
    [60, 0],
  ])('since %d minutes signs in %d minutes at the earliest', (since, left) => {
    expect(earliestSigning({ createdAt: minutesAgo(since) }, now)).toEqual(minutesAgo(-left))
  })
})

test('a retired key is published for an hour', () => {
  expect(publishedSince(now)).toEqual(minutesAgo(60))
})

describe('the next key takes over', () => {
  const signing = (since: number) => ({ createdAt: minutesAgo(90 * days), signsFrom: minutesAgo(since) })
  const next = (published: number, signsFrom: Date | null = null) => ({ createdAt: minutesAgo(published), signsFrom })
  test.each([
    ['after thirty days', signing(30 * days), next(30 * days), true],
    ['not before', signing(30 * days - 1), next(30 * days), false],
    ['not while it has been published too shortly', signing(31 * days), next(14), false],
    ['then it does', signing(31 * days), next(15), true],
    ['when it was asked for', signing(1), next(20, minutesAgo(1)), true],
    ['not before the time that was told', signing(31 * days), next(20, minutesAgo(-1)), false],
    [
      'thirty days after the making of a key of an earlier version',
      { createdAt: minutesAgo(30 * days), signsFrom: null },
      next(20),
      true,
    ],
  ])('%s', (_when, current, upcoming, expected) => {
    expect(isDueForRotation(current, upcoming, now)).toBe(expected)
  })
})
