import { describe, expect, test } from '@jest/globals'
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { boundariesRefusal, classify } from './abc.ts'

const boundaries = (a: string, b: string) => ({ a: parseQuantity(a), b: parseQuantity(b) })

/** The classes of products, each given by SKU, what it consumed, and what one costs. */
function classesOf(
  consumed: readonly (readonly [sku: string, quantity: string, cost: string | null])[],
  a = '80',
  b = '95',
) {
  const items = consumed.map(([sku, quantity, cost]) => ({
    productId: sku,
    sku,
    quantity: parseQuantity(quantity),
    unitCost: cost === null ? null : parseUnitPrice(cost),
  }))
  return classify(items, boundaries(a, b)).map(({ productId, abcClass }) => `${productId} ${abcClass}`)
}

describe('classes by consumption value', () => {
  test.each([
    // 700 + 200 + 70 + 30 = 1,000. Before P2 are 70 %, so it crosses 80 and is A; before P3 90 %, before P4 97 %.
    ['the one that crosses a boundary belongs before it', [['P1', '700', '1'], ['P2', '100', '2'], ['P3', '70', '1'], ['P4', '30', '1']], ['P1 A', 'P2 A', 'P3 B', 'P4 C']],
    ['a boundary that is met exactly ends the class', [['P1', '80', '1'], ['P2', '15', '1'], ['P3', '5', '1']], ['P1 A', 'P2 B', 'P3 C']],
    ['one alone is A', [['P1', '1', '0.01']], ['P1 A']],
    ['of one value, by SKU', [['P2', '50', '1'], ['P1', '25', '2']], ['P1 A', 'P2 A']],
    ['by value, not by quantity', [['MANY', '1000', '0.01'], ['FEW', '1', '990']], ['FEW A', 'MANY C']],
    ['nothing consumed, more came back than left, or of no known cost: C', [['P1', '1', '1'], ['NONE', '0', '5'], ['BACK', '-2', '5'], ['FREE', '9', '0'], ['WHO', '9', null]], ['P1 A', 'BACK C', 'FREE C', 'NONE C', 'WHO C']],
    ['nothing at all', [['P1', '0', '1']], ['P1 C']],
  ] as const)('%s', (_title, consumed, classes) => expect(classesOf(consumed)).toEqual(classes)) // prettier-ignore

  test('all is A where A ends at 100', () =>
    expect(classesOf([['P1', '99', '1'], ['P2', '1', '1']], '100', '100')).toEqual(['P1 A', 'P2 A'])) // prettier-ignore
})

describe('boundaries', () => {
  test.each([
    ['80', '95', []],
    ['100', '100', []],
    ['0', '95', ['/boundaries/a']],
    ['100.01', '100.02', ['/boundaries/a', '/boundaries/b']],
    ['80', '79.99', ['/boundaries/b']],
  ] as const)('A to %s, B to %s', (a, b, pointers) =>
    expect(boundariesRefusal(boundaries(a, b))?.errors?.map(({ pointer }) => pointer) ?? []).toEqual(pointers),
  )
})
