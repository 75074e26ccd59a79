import { describe, expect, test } from '@jest/globals'
import { type LotDates, noLotDates as none } from '@stockline/contracts/lot-dates'
import { datesRefusal } from './lot.ts'

describe('the dates of a lot have an order', () => {
  test.each<[string, Partial<LotDates>, readonly string[]]>([
    ['none are known', {}, []],
    ['all on one day', { expiresOn: '2027-01-01', bestBefore: '2027-01-01', removeOn: '2027-01-01', alertOn: '2027-01-01' }, []], // prettier-ignore
    ['alert, removal, best before, expiry', { alertOn: '2027-01-01', removeOn: '2027-01-02', bestBefore: '2027-01-03', expiresOn: '2027-01-04' }, []], // prettier-ignore
    ['to be removed after its best', { bestBefore: '2027-01-01', removeOn: '2027-01-02' }, []],
    ['at its best after it expired', { bestBefore: '2027-01-02', expiresOn: '2027-01-01' }, ['/bestBefore']],
    ['removed after it expired', { removeOn: '2027-01-02', expiresOn: '2027-01-01' }, ['/removeOn']],
    ['an alert after all others', { alertOn: '2027-01-02', removeOn: '2027-01-01', bestBefore: '2027-01-01', expiresOn: '2027-01-01' }, ['/alertOn', '/alertOn', '/alertOn']], // prettier-ignore
    ['all at once', { bestBefore: '2027-01-02', removeOn: '2027-01-02', expiresOn: '2027-01-01' }, ['/bestBefore', '/removeOn']], // prettier-ignore
  ])('%s', (_, dates, pointers) => {
    const refusal = datesRefusal({ ...none, ...dates })
    expect(refusal?.errors?.map(({ pointer }) => pointer) ?? []).toEqual(pointers)
  })
})
