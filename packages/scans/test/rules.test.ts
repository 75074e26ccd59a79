import { describe, expect, test } from '@jest/globals'
import { dictionary } from '../src/dictionary.ts'
import { ruleFault, type RuleName } from '../src/rules.ts'

test('the dictionary has 541 identifiers', () => expect(dictionary.size).toBe(541))

describe('each rule takes what is right and refuses what is not', () => {
  test.each<[RuleName, readonly string[], readonly string[]]>([
    ['csum', ['4006381333931', '095060052601815901', '0'], ['4006381333932', '1']],
    ['csumalpha', ['1987654Ad4X4bL5ttr2310c2K', '12345_ABCDEFGHIJKLMCP'], ['1987654Ad4X4bL5ttr2310cXK', '2', '']],
    ['gcppos1', ['9506AB'], ['950A', '950']],
    ['gcppos2', ['A9506'], ['9506', '0950']],
    ['yymmdd', ['280229', '261130'], ['260229', '261131', '261300', '260100', '260001']],
    ['yymmd0', ['260200', '260228'], ['260229', '261300', '260000']],
    ['yyyymmdd', ['20240229'], ['20230229', '20231301', '20230100']],
    ['hhmi', ['0000', '2359'], ['2400', '0060']],
    ['hh', ['23'], ['24']],
    ['mi', ['59'], ['60']],
    ['ss', ['59'], ['60']],
    ['iso3166', ['276'], ['999', '277']],
    ['iso3166999', ['276', '999'], ['277']],
    ['iso3166alpha2', ['DE'], ['XX', 'de']],
    ['iso4217', ['978'], ['977X', '001']],
    ['iso5218', ['0', '9'], ['3']],
    [
      'iban',
      ['DE91100000000123456789', 'MT90MALT011000012345MTLCAST001SABC'],
      ['DE91100000000123456780', 'XX361234567890', 'DE911000', ''],
    ],
    ['packagetype', ['PX', '201'], ['ZQ9', '']],
    ['mediatype', ['01', '10', '80', '99'], ['00', '11', '79']],
    ['pcenc', ['A%20B', ''], ['A%2', '%zz']],
    ['latitude', ['1800000000'], ['1800000001']],
    ['longitude', ['3600000000'], ['3600000001']],
    ['yesno', ['0', '1'], ['2']],
    ['hyphen', ['-'], ['1']],
    ['importeridx', ['-', 'A', '_'], ['!', 'AA']],
    ['winding', ['0', '1', '9'], ['2']],
    ['zero', ['0'], ['1']],
    ['nonzero', ['01'], ['00']],
    ['nozeroprefix', ['10'], ['01', '0']],
    ['hasnondigit', ['1A'], ['12']],
    ['pieceoftotal', ['0102', '9999'], ['0201', '0002']],
    ['posinseqslash', ['1/3', '10/10'], ['4/3', '0/3', '1/03', '13']],
    ['couponcode', ['106141416543213150110120', '1061414165432131501101201211014092110256100126663101231'], ['706141416543213150110120', '1061414165432131501101', '106141416543213150110120X', '1061414165432131501101209']], // prettier-ignore
    ['couponposoffer', ['001234561234560123456', '12123456781234560123456'], ['201234561234560123456', '00123456123456012345', '']], // prettier-ignore
  ])('%s', (rule, right, wrong) => {
    expect(right.map((value) => ruleFault(rule, value))).toEqual(right.map(() => undefined))
    expect(wrong.map((value) => typeof ruleFault(rule, value))).toEqual(wrong.map(() => 'string'))
  })
})
