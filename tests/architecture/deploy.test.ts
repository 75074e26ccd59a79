import { describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { serviceNames } from '../../tools/start/settings.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const serviceShape = z.object({
  image: z.string(),
  build: z
    .object({ dockerfile: z.string(), target: z.string(), args: z.record(z.string(), z.string()).optional() })
    .optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
})
const compose = z
  .object({ services: z.record(z.string(), serviceShape), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(read('deploy/compose.yaml'), { merge: true }))

const part = (name: string): z.infer<typeof serviceShape> => {
  const found = compose.services[name]
  if (found === undefined) throw new Error(`compose.yaml has no ${name}`)
  return found
}

/** Values as compose would fill them in: defaults taken, required ones made up. */
function filledIn(environment: Record<string, string>): Record<string, string> {
  const fill = (value: string): string =>
    value.replace(/\$\{\w+:\?[^}]*\}/g, 'a-secret-of-some-length').replace(/\$\{\w+:-([^}]*)\}/g, '$1')
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]))
}

describe('compose.yaml', () => {
  test('holds PostgreSQL, Kafka, the topics, the four services and the one origin', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      ['identity', 'kafka', 'origin', 'picking', 'postgres', 'stock', 'topics', 'valuation'].sort(),
    )
  })

  test('pins every image that is not built here', () => {
    for (const [name, { image, build }] of Object.entries(compose.services)) {
      if (build !== undefined) expect(image).toMatch(/^stockline\/[a-z]+:\$\{VERSION:-local\}$/)
      else expect([name, image]).toEqual([name, expect.stringMatching(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/)])
    }
    expect(part('kafka').image).toMatch(/^apache\/kafka:4\.1\./)
    expect(part('postgres').image).toMatch(/^postgres:18\./)
  })

  test('publishes the origin alone', () => {
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports.length > 0)
    expect(published.map(([name]) => name)).toEqual(['origin'])
  })

  test('watches the health of everything that stays', () => {
    for (const [name, { healthcheck }] of Object.entries(compose.services)) {
      if (name === 'topics') expect(healthcheck?.disable).toBe(true)
      else expect([name, healthcheck?.test?.[0]]).toEqual([name, 'CMD'])
    }
  })

  test('begins each service after its database and the topics, and no service after another', () => {
    for (const name of serviceNames) {
      expect(part(name).depends_on).toEqual({
        postgres: { condition: 'service_healthy' },
        topics: { condition: 'service_completed_successfully' },
      })
    }
    expect(part('topics').depends_on).toEqual({ kafka: { condition: 'service_healthy' } })
    expect(part('origin').depends_on).toEqual({})
  })

  test('keeps what must survive on volumes', () => {
    expect(part('postgres').volumes[0]).toBe('postgres:/var/lib/postgresql')
    expect(part('kafka').volumes[0]).toBe('kafka:/var/lib/kafka/data')
    expect(Object.keys(compose.volumes).sort()).toEqual(['kafka', 'postgres'])
    expect(part('kafka').environment['KAFKA_AUTO_CREATE_TOPICS_ENABLE']).toBe('false')
  })

  test.each([...serviceNames])('gives %s a database account of its own, and nobody else', (name) => {
    const own = part(name).environment[`${name.toUpperCase()}_DATABASE_URL`] ?? ''
    expect(own).toMatch(
      new RegExp(
        `^postgresql://${name}:\\$\\{${name.toUpperCase()}_DATABASE_PASSWORD:\\?[^}]+\\}@postgres:5432/${name}$`,
      ),
    )
    const secrets = Object.entries(part(name).environment).filter(([variable]) => variable.endsWith('_DATABASE_URL'))
    expect(secrets).toHaveLength(1)
    expect(read('deploy/postgres/accounts.sh')).toContain(
      `make_database ${name} "$${name.toUpperCase()}_DATABASE_PASSWORD"`,
    )
    expect(part('postgres').environment).toHaveProperty(`${name.toUpperCase()}_DATABASE_PASSWORD`)
  })

  test.each([...serviceNames])('gives %s all that its configuration asks for', async (name) => {
    const { serviceConfig } = await import('@stockline/service-kit')
    const module = (await import(`../../services/${name}/src/app.ts`)) as Record<
      string,
      { config?: z.core.$ZodLooseShape; keys?: unknown }
    >
    const options = module[name]
    const environment = filledIn(part(name).environment)
    const config = serviceConfig(name, options?.config ?? {}, environment, options?.keys === undefined)
    expect(config.bus).toEqual({ kind: 'kafka', brokers: ['kafka:9092'] })
    expect(config.host).toBe('0.0.0.0')
    expect(config.publicPrefix).toBe(`/${name}`)
  })

  test('believes the origin alone about who a request comes from', () => {
    for (const name of serviceNames) {
      expect(part(name).environment['TRUSTED_FORWARDERS']).toBe('${ORIGIN_ADDRESS:-10.213.77.10}')
      expect(part('origin').environment[`${name.toUpperCase()}_URL`]).toBe(`http://${name}:8080`)
    }
  })

  test('asks for no variable that .env.example does not explain, and no secret has a default', () => {
    const text = read('deploy/compose.yaml')
    const explained = read('deploy/.env.example')
    const variables = [...text.matchAll(/\$\{(\w+)(:?[-?])?/g)].map((match) => match[1] ?? '')
    const unexplained = [...new Set(variables)].filter(
      (name) => !['VERSION', 'REVISION', 'LOG_LEVEL'].includes(name) && !new RegExp(`^${name}=`, 'm').test(explained),
    )
    expect(unexplained).toEqual([])
    expect(text).not.toMatch(/\$\{\w*(PASSWORD|SECRET|CODE)\w*:-/)
  })
})

describe('Dockerfile', () => {
  const text = read('deploy/Dockerfile')
  const instructions = text.split('\n').filter((line) => /^[A-Z]+ /.test(line))
  const stage = (name: string): string => text.slice(text.indexOf(` AS ${name}\n`)).split(/\nFROM /)[0] ?? ''

  test('pulls nothing but its base', () => {
    const froms = instructions.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1])
    expect(froms.filter((image) => !['${NODE_IMAGE}', 'base', 'pnpm'].includes(image ?? ''))).toEqual([])
    expect(text).toMatch(/^ARG NODE_IMAGE=node:24-bookworm-slim$/m)
    expect(text).not.toMatch(/^# ?syntax=/m)
  })

  test.each(['service', 'origin'])('the image %s runs as nobody special and is watched', (name) => {
    expect(stage(name)).toMatch(/^USER node$/m)
    expect(stage(name)).toMatch(/^HEALTHCHECK /m)
    expect(stage(name)).not.toMatch(/^ADD /m)
  })

  test.each(['service', 'origin'])('the image %s says which build it is, in its labels and in its process', (name) => {
    for (const label of ['version="${VERSION}"', 'revision="${REVISION}"'])
      expect(stage(name)).toContain(`org.opencontainers.image.${label}`)
    expect(stage(name)).toContain('ENV STOCKLINE_VERSION=${VERSION} STOCKLINE_REVISION=${REVISION}')
    for (const built of [...serviceNames, 'topics', 'origin'])
      expect(part(built).build?.args).toMatchObject({ VERSION: '${VERSION:-}', REVISION: '${REVISION:-}' })
  })

  test('installs what the lockfile says, without what only tests need, and runs no script of a package', () => {
    expect(stage('install')).toMatch(
      /pnpm install --prod --frozen-lockfile --no-optional --ignore-scripts --filter-prod/,
    )
  })

  test('copies only what is there', () => {
    const sources = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1))
      .flatMap((path) => serviceNames.map((name) => path.replace('${SERVICE}', name)))
      .filter((path) => !path.includes('*'))
    expect([...new Set(sources)].filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  test('the origin runs with exactly the files that are copied for it, and no package', () => {
    const copied = /^COPY (tools\/start\/gateway.*) tools\/start\/$/m.exec(stage('origin'))?.[1]?.split(' ') ?? []
    const patterns = copied.map((path) => new RegExp(`^${path.replaceAll('.', '\\.').replace('*', '.*')}$`))
    const needed = importsOf('tools/start/gateway.main.ts')
    expect(needed.filter((path) => path.startsWith('package '))).toEqual([])
    expect(needed.filter((path) => !patterns.some((pattern) => pattern.test(path)))).toEqual([])
  })
})

/** The files that a program needs, itself included; packages are named as such. */
function importsOf(program: string, seen = new Set<string>()): string[] {
  if (seen.has(program)) return []
  seen.add(program)
  const specifiers = [...read(program).matchAll(/^(?:import|export) [^;]*?from '([^']+)'/gms)].map(
    (match) => match[1] ?? '',
  )
  for (const specifier of specifiers) {
    if (specifier.startsWith('./')) importsOf(join('tools/start', specifier), seen)
    else if (!specifier.startsWith('node:')) seen.add(`package ${specifier}`)
  }
  return [...seen]
}

test('the script that makes the accounts is a shell script', () => {
  const script = join(root, 'deploy/postgres/accounts.sh')
  expect(spawnSync('/bin/sh', ['-n', script]).status).toBe(0)
  expect(execFileSync('head', ['-1', script], { encoding: 'utf8' })).toBe('#!/bin/sh\n')
})
