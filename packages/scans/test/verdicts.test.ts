/** 8,177 codes with the verdict and elements of GS1's own Barcode Syntax Engine 1.4.1, strict. Ours agrees, but where it says so here. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCode, type ReadCode } from '../src/index.ts'

interface Verdict {
  readonly code: string
  readonly class: string
  readonly valid: boolean
  /** Empty: right, and no GS1 data. */
  readonly elements?: readonly (readonly [string, string])[]
  readonly onlyMissingCompanion?: boolean
}

const verdicts = readFileSync(join(import.meta.dirname, 'verdicts.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Verdict)

const year = 2026
type Outcome = 'right' | 'only a companion is missing' | 'not right'

function outcomeOf({ kind, problems }: ReadCode): Outcome {
  if (kind !== 'gs1' && kind !== 'digital-link') return 'not right'
  if (problems.length === 0) return 'right'
  return problems.every((problem) => problem.kind === 'companion') ? 'only a companion is missing' : 'not right'
}

function expected(verdict: Verdict): Outcome {
  if (verdict.valid) return verdict.elements?.length === 0 ? 'not right' : 'right'
  return verdict.onlyMissingCompanion === true ? 'only a companion is missing' : 'not right'
}

/** Where we depart from the engine, and why. */
const departures: readonly (readonly [count: number, why: string, is: (verdict: Verdict) => boolean])[] = [
  // Scanners do send it: read as if it were not there.
  [419, 'FNC1 in front of the data', (verdict) => verdict.class === 'valid sent, FNC1 in front'],
  // No companion is missing: an identifier stands there that GS1 has not given out. Neither of us takes it.
  [
    82,
    'an identifier not given out, of a known length',
    (verdict) => verdict.class === 'unallocated identifier' && verdict.onlyMissingCompanion === true,
  ],
]

describe('the verdicts of GS1’s engine', () => {
  const kept = verdicts.filter((verdict) => !departures.some(([, , is]) => is(verdict)))

  test.each([...new Set(kept.map((verdict) => verdict.class))])('%s', (name) => {
    const wrong = kept
      .filter((verdict) => verdict.class === name)
      .filter((verdict) => {
        const read = readCode(verdict.code, year)
        const same = JSON.stringify(read.elements) === JSON.stringify(verdict.elements)
        return outcomeOf(read) !== expected(verdict) || (outcomeOf(read) === 'right' && !same)
      })
    expect(wrong).toEqual([])
  })

  test.each(departures)('%i times otherwise: %s', (count, _why, is) => {
    expect(verdicts.filter(is)).toHaveLength(count)
  })

  test('all are 8,177', () => expect(verdicts).toHaveLength(8_177))

  test('FNC1 in front changes nothing of what is read', () => {
    const ahead = verdicts.filter((verdict) => verdict.class === 'valid sent, FNC1 in front')
    for (const { code } of ahead) {
      const [with_, without] = [readCode(code, year), readCode(code.replace('\u001d', ''), year)]
      expect([outcomeOf(with_), with_.elements]).toEqual(['right', without.elements])
    }
  })

  test('what no identifier was given out for is refused by name', () => {
    for (const { code } of verdicts.filter((verdict) => departures[1]?.[2](verdict) === true))
      expect(readCode(code, year).problems).toMatchObject([
        { kind: 'structure', message: expect.stringContaining('no application identifier') },
      ])
  })
})
