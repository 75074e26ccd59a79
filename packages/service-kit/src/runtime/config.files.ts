/** Variables that are given by file, as secrets of a container are: `NAME_FILE` names a file whose content is `NAME`. */
import { readFileSync } from 'node:fs'

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The environment with the content of the files, and what is wrong with them. */
interface FilledIn {
  readonly environment: Environment
  readonly faults: readonly string[]
}

/**
 * Reads the files that stand for these variables. A line break at the end of a file is not part of the value; an empty
 * `NAME_FILE` counts as missing. No fault repeats a content.
 *
 * @param names the variables that may be given by file; one that ends in `_FILE` itself is left alone
 */
export function withFiles(names: readonly string[], environment: Environment): FilledIn {
  const filled: Record<string, string | undefined> = { ...environment }
  const faults: string[] = []
  for (const name of names) {
    const path = fileOf(name, environment)
    if (path === undefined || names.includes(`${name}_FILE`)) continue
    if (environment[name]?.trim()) {
      faults.push(`${name} and ${name}_FILE exclude each other: set one`)
      continue
    }
    try {
      filled[name] = readVariable(path)
    } catch (error) {
      faults.push(`${name}_FILE names ${path}, ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { environment: filled, faults }
}

/** The file that stands for the variable; undefined when it is not given by file. */
export function fileOf(name: string, environment: Environment): string | undefined {
  const path = environment[`${name}_FILE`]?.trim()
  return path === '' ? undefined : path
}

/**
 * The value that a file holds.
 *
 * @throws Error whose message goes on from the file's name: `which cannot be read (ENOENT)`
 */
export function readVariable(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`which cannot be read (${String((error as NodeJS.ErrnoException).code)})`, { cause: error })
  }
  const value = text.replace(/\r?\n$/, '')
  if (value.trim() === '') throw new Error('which is empty')
  return value
}
