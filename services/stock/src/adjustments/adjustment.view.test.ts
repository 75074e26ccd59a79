import { describe, expect, test } from '@jest/globals'
import { isBlindTo } from './adjustment.view.ts'
import type { Adjustment } from './adjustment.ts'

describe('A1: whoever counts blind does not see what is expected', () => {
  test.each<[string, boolean, Adjustment['status'], string, boolean, boolean]>([
    ['not blind', false, 'draft', 'user', false, false],
    ['the operator', true, 'draft', 'user', false, true],
    ['the operator, while it waits', true, 'submitted', 'user', false, true],
    ['the operator, once it is posted', true, 'posted', 'user', false, false],
    ['the operator, once it is rejected', true, 'rejected', 'user', false, false],
    ['a supervisor who did not count', true, 'draft', 'other', true, false],
    ['a supervisor who counts', true, 'draft', 'user', true, true],
    ['a supervisor who counted', true, 'submitted', 'user', true, false],
  ])('%s', (_title, blind, status, id, mayApprove, isBlind) =>
    expect(isBlindTo({ blind, status, countedBy: ['user'] }, { id }, mayApprove)).toBe(isBlind),
  )
})
