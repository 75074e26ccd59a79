/** Lists the failures again at the end of a run, so that the end of a long output shows why it failed. */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** A file's results, as far as its failures need them. */
export interface FileFailures {
  readonly testFilePath: string
  readonly failureMessage?: string | null
  readonly testExecError?: unknown
  readonly testResults: readonly {
    readonly fullName: string
    readonly status: string
    readonly failureMessages: readonly string[]
  }[]
}

interface Failure {
  readonly file: string
  readonly test: string
  readonly message: string
}

/** Bounds of the list: more lines would push the first failures out of sight again. */
const most = { linesOfOne: 30, lines: 200, names: 50, width: 240 }

/**
 * The lines that come before the counts: every failed test with its message, those beyond the bound by name alone, then the files.
 * Empty where nothing failed.
 */
export function failuresAtEnd(files: readonly FileFailures[], root: string): readonly string[] {
  const failures = files.flatMap((file) => failuresOf(file, root))
  if (failures.length === 0) return []
  const told: string[] = []
  const byName: string[] = []
  for (const failure of failures) {
    const lines = [`✕ ${failure.file}: ${failure.test}`, ...messageLines(failure.message), '']
    if (told.length + lines.length <= most.lines) told.push(...lines)
    else byName.push(`✕ ${failure.file}: ${failure.test}`)
  }
  const unnamed = byName.length - most.names
  const names = [...byName.slice(0, most.names), ...(unnamed > 0 ? [`… and ${unnamed} more`] : [])]
  const broken = [...new Set(failures.map(({ file }) => file))]
  return [
    '',
    'What failed:',
    '',
    ...told,
    ...names,
    `Failed files (${broken.length}):`,
    ...broken.map((file) => `  ${file}`),
  ]
}

function failuresOf(result: FileFailures, root: string): Failure[] {
  const file = relative(root, result.testFilePath)
  const failed = result.testResults.filter(({ status }) => status === 'failed')
  const failures = failed.map(({ fullName, failureMessages }) => ({
    file,
    test: fullName,
    message: failureMessages.join('\n'),
  }))
  if (!result.testExecError) return failures
  // The file itself failed: it did not load, or its worker ended.
  const message = result.failureMessage ?? JSON.stringify(result.testExecError)
  return [...failures, { file, test: 'the file as a whole', message }]
}

/** The message without colours and without the stack inside libraries, cut in length and in width. */
function messageLines(message: string): string[] {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at .*(node_modules|node:|<anonymous>\)$)/.test(line))
    .map((line) => `    ${line.length > most.width ? `${line.slice(0, most.width)}…` : line}`)
  const rest = lines.length - most.linesOfOne
  return rest > 0 ? [...lines.slice(0, most.linesOfOne), `    … ${rest} more lines`] : lines
}
