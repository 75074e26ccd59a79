/**
 * `pnpm clients`: clients in Python and Java, generated from the OpenAPI documents of a running system by
 * openapi-generator, imported or compiled, and used to make a receipt. Needs Python 3 with venv, Java and Maven, which
 * fetch the generator and the libraries of its clients.
 *
 * `pnpm clients --producers [--rounds 5]`: orders by librdkafka and by Java's client, on a real Kafka, with each codec, idempotent and
 * in transactions. A receipt each, at most two seconds later. Needs Python 3 with venv, Java and Maven.
 *
 * `pnpm clients --schemas`: the published schemas in validators of Python, Java and Go, which judge good and bad events as the product
 * does. Needs Python 3 with venv, Java with Maven, and Go.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { clientFor } from '@stockline/test-kit'
import { documentOf, services } from '../fuzz/documents.ts'
import { startSystem } from '@stockline/test-kit/load/system'
import { isInTime, runProducers, tableOf } from './producers.ts'
import { runSchemas } from './schemas.ts'

const { values: given } = parseArgs({
  options: {
    producers: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    schemas: { type: 'boolean', default: false },
  },
})
if (given.schemas) process.exit(schemasMain())
if (given.producers) process.exit(await producersMain(Number(given.rounds)))

const generatorVersion = '7.25.0'
const clientSecret = 'a secret for generated clients only'
const folder = mkdtempSync(join(tmpdir(), 'stockline-clients-'))
const at = (...names: string[]) => join(folder, ...names)

const system = await startSystem({ environment: { DEMO_CLIENT_SECRET: clientSecret } })
try {
  for (const service of services)
    writeFileSync(at(`${service}.json`), JSON.stringify(await documentOf(clientFor(system.origin), service)))
  const generator = fetchGenerator()
  for (const service of services) {
    const document = at(`${service}.json`)
    generate(generator, document, 'python', at('python'), ['--package-name', `stockline_${service}`])
    generate(generator, document, 'java', at('java', service), javaPackages(service))
  }
  const arguments_ = [system.origin, system.password, clientSecret]
  console.log(`Python: ${usePython(arguments_)}`)
  console.log(`Java: ${useJava(arguments_)}`)
} finally {
  await system.stop()
  await system.remove()
}
rmSync(folder, { recursive: true, force: true })

async function producersMain(rounds: number): Promise<number> {
  const report = await runProducers(rounds, (line) => console.log(line))
  console.log(tableOf(report))
  const good = isInTime(report)
  console.log(good ? 'A receipt each, in time; none of what was taken back.' : 'NOT AS IT SHOULD BE: see above.')
  return good ? 0 : 1
}

function schemasMain(): number {
  const made = mkdtempSync(join(tmpdir(), 'stockline-schemas-'))
  const judged = runSchemas(made)
  rmSync(made, { recursive: true, force: true })
  for (const { validator, formats, other } of judged) {
    console.log(`${validator}${formats ? ', formats asserted' : ''}: ${String(other.length)} judged otherwise`)
    for (const { type, what, data } of other) console.log(`  ${type}: ${what}: ${data}`)
  }
  return judged.every(({ other }) => other.length === 0) ? 0 : 1
}

/** The generator's jar, from Maven Central. */
function fetchGenerator(): string {
  const artifact = `org.openapitools:openapi-generator-cli:${generatorVersion}`
  run('mvn', [
    '-q',
    'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy',
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${folder}`,
  ])
  return at(`openapi-generator-cli-${generatorVersion}.jar`)
}

/** What the generator says against a document ends this: it validates before it writes. */
function generate(jar: string, document: string, language: string, into: string, more: readonly string[]): void {
  run('java', ['-jar', jar, 'generate', '-i', document, '-g', language, '-o', into, ...more])
  console.log(`${language} from ${document}: generated`)
}

function javaPackages(service: string): string[] {
  const name = `stockline.${service}`
  return ['--invoker-package', name, '--api-package', `${name}.api`, '--model-package', `${name}.model`]
}

/** Imports every module of the four packages, and makes a receipt. */
function usePython(given: readonly string[]): string {
  run('python3', ['-m', 'venv', at('venv')])
  run(at('venv', 'bin', 'pip'), ['install', '--quiet', '-r', at('python', 'requirements.txt')])
  cpSync(join(import.meta.dirname, 'receipt.py'), at('python', 'receipt.py'))
  return run(at('venv', 'bin', 'python'), [at('python', 'receipt.py'), ...given])
}

/** Compiles the four clients together, and makes a receipt. */
function useJava(given: readonly string[]): string {
  const project = at('java', 'all')
  const sources = join(project, 'src', 'main', 'java')
  mkdirSync(sources, { recursive: true })
  for (const service of services) cpSync(at('java', service, 'src', 'main', 'java'), sources, { recursive: true })
  cpSync(at('java', 'picking', 'pom.xml'), join(project, 'pom.xml'))
  cpSync(join(import.meta.dirname, 'Receipt.java'), join(sources, 'Receipt.java'))
  const libraries = join(project, 'target', 'libraries')
  const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${libraries}`]
  run('mvn', ['-q', '-f', join(project, 'pom.xml'), 'compile', ...copy])
  return run('java', ['-cp', `${join(project, 'target', 'classes')}:${join(libraries, '*')}`, 'Receipt', ...given])
}

/** @throws Error with what the command said, when it fails */
function run(command: string, given: readonly string[]): string {
  try {
    return execFileSync(command, given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${command} failed:\n${stdout?.slice(-4_000) ?? ''}\n${stderr?.slice(-4_000) ?? ''}`, {
      cause: error,
    })
  }
}
