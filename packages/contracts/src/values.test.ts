import { describe, expect, test } from '@jest/globals'
import { values } from './index.ts'

describe('A day as people ask for it is the whole day', () => {
  test.each([
    ['2026-04-23', '2026-04-23T00:00:00Z', '2026-04-23T24:00:00Z', '2026-04-23T23:59:59.999999Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z', '2024-02-29T24:00:00Z', '2024-02-29T23:59:59.999999Z'],
    ['9999-12-31', '9999-12-31T00:00:00Z', '9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
    [
      '2026-04-23T10:00:00+02:00',
      '2026-04-23T10:00:00+02:00',
      '2026-04-23T10:00:00+02:00',
      '2026-04-23T10:00:00+02:00',
    ],
  ])('%s', (text, since, until, asOf) => {
    expect([values.sinceTime.parse(text), values.untilTime.parse(text), values.asOfTime.parse(text)]).toEqual([
      ...[since, until, asOf],
    ])
    for (const each of [since, until, asOf]) expect(new Date(each).getTime()).not.toBeNaN()
  })

  test.each(['yesterday', '0000-01-01', '2026-02-29', '2026-04-23T10:00:00', '23.04.2026', '2026-04-23T24:00:00Z', ''])(
    '%j is none',
    (text) => {
      const read = values.asOfTime.safeParse(text)
      expect(read.error?.issues.map(({ message }) => message)).toEqual([values.dateOrTimeText])
    },
  )
})
