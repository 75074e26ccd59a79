import { describe, expect, test } from '@jest/globals'
import { judge, remarks } from './findings.ts'

const row = { document: 'd' }

describe('a difference between two services', () => {
  test.each([
    ['that travels for a moment', { row, ageSeconds: 0 }, 'travelling'],
    ['that travels for less than a minute', { row, ageSeconds: 59.9 }, 'travelling'],
    ['that is a minute old', { row, ageSeconds: 60 }, 'violation'],
    ['that is a day old', { row, ageSeconds: 86_400 }, 'violation'],
    ['that no travel explains', { row }, 'violation'],
    ['that is held, old', { row, ageSeconds: 86_400, heldAs: 'gap at valuation' }, 'held'],
    ['that is held, new', { row, ageSeconds: 1, heldAs: 'gap at valuation' }, 'held'],
  ])('%s', (_title, difference, expected) => {
    const { violations, travelling, held } = judge([difference])
    const found = [
      ...(violations.length > 0 ? ['violation'] : []),
      ...(travelling.count > 0 ? ['travelling'] : []),
      ...(held.size > 0 ? ['held'] : []),
    ]
    expect(found).toEqual([expected])
  })

  test('a violation says how old it is; the others are counted, with the oldest', () => {
    const findings = judge([
      { row, ageSeconds: 61.7 },
      { row, ageSeconds: 3 },
      { row, ageSeconds: 12.5 },
      { row, ageSeconds: 300, heldAs: 'waiting at picking' },
      { row, ageSeconds: 100, heldAs: 'waiting at picking' },
      { row, heldAs: 'gap at stock' },
    ])
    expect(findings.violations).toEqual([{ document: 'd', ageSeconds: 61 }])
    expect(remarks(findings)).toEqual([
      'on its way: 2, the oldest for 12 s',
      'held, waiting at picking: 2, the oldest for 300 s',
      'held, gap at stock: 1, the oldest for 0 s',
    ])
  })

  test('nothing to tell where nothing differs', () => {
    expect([judge([]).violations, remarks(judge([]))]).toEqual([[], []])
  })
})
