/**
 * What other systems call our units: codes of UN/ECE Recommendation 20 and 21, and of X12 element 355, by what they mean. Picking has
 * the same from its migrations. ST is none of them: a sheet by the one, a set by the other, a piece for some systems. Pure.
 */
const codes: Readonly<Record<string, string>> = {
  unit: 'C62 H87 EA PCE PC NAR UN',
  kg: 'KGM KG',
  g: 'GRM GR',
  mg: 'MGM',
  t: 'TNE MP',
  lb: 'LBR LB',
  oz: 'ONZ OZ',
  'short ton': 'STN',
  'long ton': 'LTN',
  l: 'LTR LT',
  ml: 'MLT ML',
  cl: 'CLT',
  hl: 'HLT',
  gal: 'GLL GA',
  'imperial gal': 'GLI',
  m3: 'MTQ CR',
  cm3: 'CMQ',
  m: 'MTR MR',
  cm: 'CMT CM',
  mm: 'MMT MM',
  km: 'KMT',
  ft: 'FOT FT',
  in: 'INH IN',
  yd: 'YRD YD',
  m2: 'MTK SM',
  cm2: 'CMK',
  ft2: 'FTK SF',
  pair: 'PR',
  dozen: 'DZN DZ',
  gross: 'GRO',
  set: 'SET',
  thousand: 'MIL',
  box: 'XBX BX',
  carton: 'XCT CT',
  case: 'XCS CS CA',
  pallet: 'XPX PX PF PL',
  pack: 'XPK PK',
  bag: 'XBG BG',
  roll: 'XRO RO RL',
  drum: 'XDR DR',
  bottle: 'XBO BO',
  can: 'XCA CN',
}

const meanings: ReadonlyMap<string, string> = new Map(
  Object.entries(codes).flatMap(([unit, all]) => all.split(' ').map((code) => [code, unit] as const)),
)

/** Our unit that a code means; undefined where it is no such code. */
export function meaningOfCode(code: string): string | undefined {
  return meanings.get(code)
}
