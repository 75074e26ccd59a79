import { describe, expect, test } from '@jest/globals'
import type { PackageChanged } from '@stockline/contracts'
import { lastTold, linesTold } from './package.ts'

const data = (documentId: string, status: PackageChanged['status'], lines: PackageChanged['lines'] = []) => ({
  ...{ documentId, number: 'WH/PAC/00001', warehouse: 'WH', status, places: ['WH'], lines },
  delivery: { documentId: 'd', number: 'WH/OUT/00001' },
})
const told = (documentId: string, sequence: bigint, status: PackageChanged['status'] = 'open') => ({
  data: data(documentId, status),
  sequence,
})

describe('D4 Packages as they were published last', () => {
  test.each([
    ['each package by itself', [told('a', 1n), told('b', 1n)], ['a 1 open', 'b 1 open']],
    ['the last one counts', [told('a', 1n), told('a', 2n, 'closed')], ['a 2 closed']],
    ['whatever order they come in', [told('a', 2n, 'closed'), told('a', 1n)], ['a 2 closed']],
    ['nothing', [], []],
  ])('%s', (_title, given, expected) =>
    expect(lastTold(given).map((one) => `${one.data.documentId} ${String(one.sequence)} ${one.data.status}`)).toEqual(
      expected,
    ),
  )

  test('a line that stands there twice is as it stands last', () => {
    const line = (number: number, quantity: string) => ({ line: number, documentLine: 1, sku: 'PX', quantity, unit: 'unit' }) // prettier-ignore
    const one = { data: data('a', 'open', [line(1, '1'), line(2, '2'), line(1, '3')]), sequence: 1n }
    expect(linesTold(one).map(({ line: number, quantity }) => `${String(number)} ${quantity}`)).toEqual(['1 3', '2 2'])
  })
})
