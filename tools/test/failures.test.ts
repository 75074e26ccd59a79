import { describe, expect, test } from '@jest/globals'
import { failuresAtEnd, type FileFailures } from './failures.ts'

const passed = { fullName: 'adds', status: 'passed', failureMessages: [] }
const failed = (fullName: string, message: string) => ({ fullName, status: 'failed', failureMessages: [message] })
const file = (name: string, ...testResults: FileFailures['testResults']): FileFailures => ({
  testFilePath: `/tree/${name}`,
  testResults,
})

describe('what a run says of its failures at its end', () => {
  test('nothing, where nothing failed', () => {
    expect(failuresAtEnd([file('a.test.ts', passed)], '/tree')).toEqual([])
  })

  test('each failed test with its file, its name and its message, without colours and without the stack in libraries', () => {
    const stack =
      '    at Object.toBe (/tree/a.test.ts:3:4)\n    at run (/tree/node_modules/jest/run.js:1:2)\n    at node:internal:3'
    const message = `\u001b[31mError: 1 is not 2\u001b[39m\n\n${stack}`
    expect(failuresAtEnd([file('a.test.ts', passed, failed('sums › adds', message))], '/tree')).toEqual([
      '',
      'What failed:',
      '',
      '✕ a.test.ts: sums › adds',
      '    Error: 1 is not 2',
      '        at Object.toBe (/tree/a.test.ts:3:4)',
      '',
      'Failed files (1):',
      '  a.test.ts',
    ])
  })

  test('a file that did not load counts as a failure of its own', () => {
    const broken = { ...file('b.test.ts'), testExecError: { message: 'x' }, failureMessage: 'Cannot find module x' }
    expect(failuresAtEnd([broken], '/tree')).toEqual(
      expect.arrayContaining(['✕ b.test.ts: the file as a whole', '    Cannot find module x', '  b.test.ts']),
    )
  })

  test('a long message is cut, many failures are bounded, and no name is lost among the first', () => {
    const long = Array.from({ length: 1000 }, (_, line) => `line ${line} ${'x'.repeat(1000)}`).join('\n')
    const files = Array.from({ length: 30 }, (_, n) => file(`${n}.test.ts`, failed(`test ${n}`, long)))
    const lines = failuresAtEnd(files, '/tree')
    expect(lines.length).toBeLessThan(300)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(300)
    expect(lines).toContain('    … 970 more lines')
    for (const [n] of files.entries()) expect(lines).toContain(`✕ ${n}.test.ts: test ${n}`)
    expect(lines.at(-1)).toBe('  29.test.ts')
  })
})
