import { describe, expect, test } from '@jest/globals'
import { givenLotDates, lateLotDates, type SomeLotDates } from './lot-dates.ts'

describe('the dates of a lot', () => {
  test.each<[string, SomeLotDates, object]>([
    ['none', {}, {}],
    ['what says nothing', { expiresOn: null, bestBefore: undefined }, {}],
    ['two of them, and what is no date', { alertOn: '2027-01-01', removeOn: null, ...{ lot: 'L1' } }, { alertOn: '2027-01-01' }], // prettier-ignore
  ])('that are given: %s', (_, dates, given) => expect(givenLotDates(dates)).toEqual(given))

  test.each<[string, SomeLotDates, readonly string[]]>([
    ['what is missing fits', { alertOn: '2027-01-02', expiresOn: null }, []],
    ['all on one day', { producedOn: '2027-01-01', bestBefore: '2027-01-01', alertOn: '2027-01-01', expiresOn: '2027-01-01' }, []], // prettier-ignore
    ['made after it expired and was at its best', { producedOn: '2027-01-02', bestBefore: '2027-01-01', expiresOn: '2027-01-01' }, ['producedOn', 'producedOn']], // prettier-ignore
    ['to be looked at after it is to be removed', { alertOn: '2027-01-02', removeOn: '2027-01-01' }, ['alertOn']],
  ])('that are out of order: %s', (_, dates, late) => expect(lateLotDates(dates).map(({ date }) => date)).toEqual(late))
})
