import { describe, expect, test } from '@jest/globals'
import type { AssignedUser } from './assignment.api.ts'
import { assignmentRefusal, withoutNested } from './assignment.ts'

const user: AssignedUser = {
  id: '019a0000-0000-7000-8000-000000000009',
  username: 'user',
  name: 'Uma User',
  active: true,
  groups: [],
  locations: ['WH/Stock/A', 'W2'],
  version: 1,
}
const known = new Set(['WH', 'WH/Stock', 'WH/Stock/A', 'WH/Stock/AB', 'W2'])

describe('R4: on assigned locations', () => {
  test('what lies below another is said by the other', () => {
    expect(withoutNested(['WH/Stock/A', 'WH/Stock', 'W2', 'WH/Stock', 'WH/StockX'])).toEqual([
      'W2',
      'WH/Stock',
      'WH/StockX',
    ])
  })
})

describe('R4: a supervisor reassigns locations', () => {
  test.each([
    ['a manager, anything that exists', ['WH', 'W2'], null, []],
    ['a manager, not what does not exist', ['WH/Nowhere'], null, ['/locations/0']],
    ['within the own scope', ['WH/Stock/A', 'WH/Stock/AB', 'W2'], ['WH'], []],
    ['not beyond the own scope', ['WH/Stock/A', 'W2', 'WH'], ['WH/Stock'], ['/locations/2']],
    ['not taking away what is outside', ['WH/Stock/A'], ['WH'], ['/locations']],
    ['what the user has already stays', ['WH/Stock/A', 'W2'], [], []],
  ])('%s', (_, locations, scope, pointers) => {
    const refusal = assignmentRefusal(user, locations, known, scope)
    expect(refusal?.errors?.map((fault) => fault.pointer)).toEqual(pointers.length === 0 ? undefined : pointers)
  })
})
