/**
 * The published schemas in the validators that other systems use: Python's jsonschema, Java's networknt and Go's santhosh-tekuri. Each
 * judges the events of `schema-events.jsonl`, once as it comes and once with formats asserted.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SchemaEvent } from '@stockline/test-kit/schema-events'

const pythonValidator = 'jsonschema[format]==4.26.0'
const root = join(import.meta.dirname, '../..')
const schemas = join(root, 'packages/contracts/schemas')
const events = join(import.meta.dirname, 'schema-events.jsonl')
const programs = join(import.meta.dirname, 'schemas')

/** How one validator differs from the product, but for what a schema cannot say. */
export interface Judged {
  readonly validator: string
  readonly formats: boolean
  readonly other: readonly SchemaEvent[]
}

/**
 * Runs all three. Needs Python 3 with venv, Java with Maven, and Go, which fetch the validators.
 *
 * @param folder an empty one, where programs are made
 */
export function runSchemas(folder: string): readonly Judged[] {
  const all = readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SchemaEvent)
  const judges = [python(folder), java(folder), go(folder)]
  return judges.flatMap(({ validator, judge }) =>
    [false, true].map((formats): Judged => {
      const verdicts = judge([schemas, events, formats ? 'formats' : 'plain']).split('\n')
      if (verdicts.length !== all.length) throw new Error(`${validator} judged ${String(verdicts.length)} events.`)
      const other = all.filter(({ taken, unsaid }, at) => (verdicts[at] === '1') !== (taken || unsaid === true))
      return { validator, formats, other }
    }),
  )
}

interface Judge {
  readonly validator: string
  readonly judge: (given: readonly string[]) => string
}

function python(folder: string): Judge {
  const venv = join(folder, 'venv')
  run('python3', ['-m', 'venv', venv])
  run(join(venv, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', pythonValidator])
  const judge = (given: readonly string[]) => run(join(venv, 'bin/python'), [join(programs, 'schemas.py'), ...given])
  return { validator: `Python's ${pythonValidator}`, judge }
}

function java(folder: string): Judge {
  const libraries = join(folder, 'libraries')
  const pom = ['-q', '-f', join(programs, 'pom.xml'), `-DoutputDirectory=${libraries}`]
  run('mvn', [...pom, 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'])
  const path = `${folder}:${join(libraries, '*')}`
  run('javac', ['-cp', path, '-d', folder, join(programs, 'Schemas.java')])
  return { validator: "Java's networknt", judge: (given) => run('java', ['-cp', path, 'Schemas', ...given]) }
}

function go(folder: string): Judge {
  const module = join(folder, 'go')
  cpSync(join(programs, 'go'), module, { recursive: true })
  const program = join(folder, 'schemas')
  run('go', ['build', '-o', program, '.'], module)
  return { validator: "Go's santhosh-tekuri", judge: (given) => run(program, given) }
}

function run(command: string, given: readonly string[], folder = root): string {
  return execFileSync(command, given, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}
