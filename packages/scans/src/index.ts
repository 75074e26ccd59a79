/** What scanned codes mean. Uses nothing of Node: a browser reads with it too. */
export { hasRightCheckDigit, withCheckDigit } from './check-digits.ts'
export { groupSeparator, type Element, type CodeProblem } from './elements.ts'
export { countedIn, type Goods, type Measure, type MeasureUnit } from './goods.ts'
export { readCode, type ReadCode } from './read-code.ts'
export { gtinForms, gtinsOf, sameBarcodes } from './trade-numbers.ts'
