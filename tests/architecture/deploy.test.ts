import { describe, expect, test } from '@jest/globals'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { BlockList, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
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
  secrets: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  pids_limit: z.number().optional(),
  mem_limit: z.string().optional(),
  tmpfs: z.array(z.string()).default([]),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.object({ ipv4_address: z.string() }))]),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }).optional(),
})
const compose = z
  .object({
    services: z.record(z.string(), serviceShape),
    volumes: z.record(z.string(), z.unknown()),
    networks: z.object({
      stockline: z.object({
        ipam: z.object({ config: z.tuple([z.object({ subnet: z.string(), ip_range: z.string() })]) }),
      }),
    }),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  })
  .parse(parse(read('deploy/compose.yaml'), { merge: true }))

const part = (name: string): z.infer<typeof serviceShape> => {
  const found = compose.services[name]
  if (found === undefined) throw new Error(`compose.yaml has no ${name}`)
  return found
}

/** Values as compose would fill them in: defaults taken, secrets where `make-secrets` has put them. */
function filledIn(environment: Record<string, string>): Record<string, string> {
  const fill = (value: string): string =>
    value.replace(/\$\{\w+:-([^}]*)\}/g, '$1').replace('/run/secrets/', `${madeSecrets()}/`)
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]))
}

let made: string | undefined

/** The folder that `deploy/make-secrets` makes, once for all tests. */
function madeSecrets(): string {
  if (made !== undefined) return made
  made = join(mkdtempSync(join(tmpdir(), 'stockline-secrets-')), 'secrets')
  execFileSync('/bin/sh', [join(root, 'deploy/make-secrets')], {
    env: { ...process.env, SECRETS: made },
    stdio: 'pipe',
  })
  return made
}

/** Services of our own making. */
const own = [...serviceNames, 'topics', 'origin', 'invariants', 'backup']

describe('compose.yaml', () => {
  test('holds PostgreSQL, Kafka, the topics, the four services and the one origin', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...own, 'folders', 'kafka', 'postgres'].sort())
    expect(Object.keys(compose.services).filter((name) => part(name).profiles.length > 0)).toEqual([
      'invariants',
      'backup',
    ])
  })

  test.each(Object.keys(compose.services))(
    '%s can do no more than it must, and fills neither memory nor disk',
    (name) => {
      const { cap_drop, cap_add, security_opt, pids_limit, mem_limit, logging, read_only, tmpfs } = part(name)
      expect(cap_drop).toEqual(['ALL'])
      expect(cap_add).toEqual(name === 'folders' ? ['CHOWN'] : [])
      expect(security_opt).toEqual(['no-new-privileges:true'])
      expect(pids_limit).toBeGreaterThan(0)
      if (name !== 'folders') expect(mem_limit).toMatch(/^\$\{[A-Z]+_MEMORY:-\d+[mg]\}$/)
      expect(logging).toEqual({ driver: 'json-file', options: { 'max-size': '20m', 'max-file': '5' } })
      // Kafka's image writes its settings beside its programs.
      expect([name, read_only]).toEqual([name, name !== 'kafka'])
      if (own.includes(name)) expect(tmpfs).toEqual(['/tmp'])
    },
  )

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
      if (name === 'topics' || name === 'folders') expect(healthcheck?.disable).toBe(true)
      else if (part(name).profiles.length === 0) expect([name, healthcheck?.test?.[0]]).toEqual([name, 'CMD'])
    }
  })

  test('goes by who lives, and starts no program but a shell to ask', () => {
    for (const name of [...serviceNames, 'origin']) expect(part(name).healthcheck?.test).toEqual(['CMD', 'healthy'])
    expect(read('deploy/compose.yaml')).not.toMatch(/test:.*(node|java|kafka-)/)
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

  test("gives nobody the origin's address", () => {
    const [given] = compose.networks.stockline.ipam.config
    const { subnet, ip_range: range } = filledIn({ ...given })
    const { networks } = part('origin')
    const { origin = '' } = filledIn({ origin: Array.isArray(networks) ? '' : networks['stockline']!.ipv4_address })
    const within = (network = '', address = ''): boolean => {
      const [base = '', bits = ''] = network.split('/')
      const list = new BlockList()
      list.addSubnet(base, Number(bits))
      return list.check(address)
    }
    expect([within(subnet, origin), within(range, origin)]).toEqual([true, false])
    expect(within(subnet, range?.split('/')[0])).toBe(true)
  })

  test('keeps what must survive on volumes', () => {
    expect(part('postgres').volumes[0]).toBe('postgres:/var/lib/postgresql')
    expect(part('kafka').volumes[0]).toBe('kafka:/var/lib/kafka/data')
    expect(Object.keys(compose.volumes).sort()).toEqual(['archive', 'kafka', 'postgres'])
    expect(part('postgres').volumes).toContain('archive:/archive')
    expect(part('kafka').environment['KAFKA_AUTO_CREATE_TOPICS_ENABLE']).toBe('false')
  })

  test.each([...serviceNames])('gives %s a database account of its own, and nobody else', (name) => {
    const upper = name.toUpperCase()
    expect(part(name).environment[`${upper}_DATABASE_URL_FILE`]).toBe(`/run/secrets/${name}_database_url`)
    const addresses = Object.keys(part(name).environment).filter((variable) => variable.includes('_DATABASE_URL'))
    expect(addresses).toHaveLength(1)
    const others = serviceNames.filter((other) => other !== name)
    expect(part(name).secrets.filter((secret) => others.some((other) => secret.startsWith(other)))).toEqual([])
    const password = readFileSync(join(madeSecrets(), `${name}_database_password`), 'utf8')
    const reader = readFileSync(join(madeSecrets(), 'reader_password'), 'utf8')
    const secret = (kind: string) => readFileSync(join(madeSecrets(), `${name}_${kind}`), 'utf8')
    expect(secret('database_url')).toBe(`postgresql://${name}:${password}@postgres:5432/${name}`)
    expect(secret('reader_url')).toBe(`postgresql://${name}_reader:${reader}@postgres:5432/${name}`)
    expect(read('deploy/postgres/accounts.sh')).toContain(`make_database ${name} ${upper}_DATABASE_PASSWORD`)
    expect(part('postgres').environment).toHaveProperty(`${upper}_DATABASE_PASSWORD_FILE`)
  })

  test('gives each secret as a file, to those alone who name it', () => {
    for (const [name, { environment, secrets }] of Object.entries(compose.services)) {
      const named = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'))
      expect([name, named.map((path) => path.slice('/run/secrets/'.length)).sort()]).toEqual([
        name,
        [...secrets].sort(),
      ])
    }
    expect(readdirSync(madeSecrets()).sort()).toEqual(Object.keys(compose.secrets).sort())
    expect(read('.gitignore')).toContain('deploy/secrets/')
    expect(read('.dockerignore')).toContain('deploy/secrets')
  })

  test('lets the tools look with accounts that may only look', () => {
    for (const name of serviceNames)
      expect(part('invariants').environment[`${name.toUpperCase()}_DATABASE_URL_FILE`]).toBe(
        `/run/secrets/${name}_reader_url`,
      )
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
    expect(text).not.toMatch(/\$\{\w*(PASSWORD|CODE|KEY|CLIENT_SECRET)\w*(?<!_FILE)[:}]/)
  })
})

describe('Dockerfile', () => {
  const text = read('deploy/Dockerfile')
  const instructions = text.split('\n').filter((line) => /^[A-Z]+ /.test(line))
  const fixture = (name: string): string => text.slice(text.indexOf(` AS ${name}\n`)).split(/\nFROM /)[0] ?? ''

  test('pulls nothing but its base', () => {
    const froms = instructions.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1])
    expect(froms.filter((image) => !['${NODE_IMAGE}', 'base', 'pnpm'].includes(image ?? ''))).toEqual([])
    expect(text).toMatch(/^ARG NODE_IMAGE=node:24-bookworm-slim$/m)
    expect(text).not.toMatch(/^# ?syntax=/m)
  })

  test.each(['service', 'origin'])('the image %s runs as nobody special and is watched', (name) => {
    expect(fixture(name)).toMatch(/^USER node$/m)
    expect(fixture(name)).toMatch(/^HEALTHCHECK /m)
    expect(fixture(name)).not.toMatch(/^ADD /m)
  })

  test.each(['service', 'origin', 'tools'])(
    'the image %s says which build it is, in its labels and in its process',
    (name) => {
      for (const label of ['version="${VERSION}"', 'revision="${REVISION}"'])
        expect(fixture(name)).toContain(`org.opencontainers.image.${label}`)
      expect(fixture(name)).toContain('ENV STOCKLINE_VERSION=${VERSION} STOCKLINE_REVISION=${REVISION}')
      for (const built of own)
        expect(part(built).build?.args).toMatchObject({ VERSION: '${VERSION:-}', REVISION: '${REVISION:-}' })
    },
  )

  test('installs what the lockfile says, without what only tests need, and runs no script of a package', () => {
    expect(fixture('install')).toMatch(
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

  test('the origin runs with its own files and packages alone', () => {
    expect(fixture('origin')).toContain('COPY services/origin services/origin')
    const { dependencies } = JSON.parse(read('services/origin/package.json')) as {
      dependencies: Record<string, string>
    }
    const files = readdirSync(join(root, 'services/origin/src')).filter((name) => !name.endsWith('.test.ts'))
    const needed = files.flatMap((file) =>
      [...read(join('services/origin/src', file)).matchAll(/ from '([^']+)'/g)].map(([, from = '']) => from),
    )
    const own = (from: string) => files.some((file) => from === `./${file}`)
    expect(needed.filter((from) => !from.startsWith('node:') && !(from in dependencies) && !own(from))).toEqual([])
  })
})

test('the image of the tools has every file that its programs need', () => {
  const copied = [...read('deploy/Dockerfile').matchAll(/^COPY (tools\/\w+) \1$/gm)].map((match) => match[1] ?? '')
  expect(copied.sort()).toEqual(['tools/backup', 'tools/invariants'])
  const manifest = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  for (const folder of copied)
    for (const file of readdirSync(join(root, folder)).filter((name) => !name.endsWith('.test.ts')))
      for (const [, from = ''] of read(join(folder, file)).matchAll(/from '([^']+)'/g)) {
        if (from.startsWith('node:')) continue
        if (!from.startsWith('.')) expect(Object.keys(manifest.dependencies)).toContain(from)
        else expect(join(folder, from)).toMatch(/^(tools\/(backup|invariants)|services|packages)\//)
      }
})

describe('the shell scripts', () => {
  test.each(['make-secrets', 'backup', 'restore', 'healthy', 'postgres/accounts.sh', 'postgres/archive-wal'])(
    '%s can be read and may be run',
    (name) => {
      const path = join(root, 'deploy', name)
      const shell = read(join('deploy', name)).split('\n')[0]?.slice(2) ?? ''
      expect(spawnSync(shell, ['-n', path]).status).toBe(0)
      expect(statSync(path).mode & 0o111).not.toBe(0)
    },
  )

  test('make-secrets keeps what is there, takes what an earlier .env names, and lets only the owner in', () => {
    const folder = join(madeSecrets(), '..', 'again')
    const deploy = join(madeSecrets(), '..', 'deploy')
    mkdirSync(deploy)
    cpSync(join(root, 'deploy/make-secrets'), join(deploy, 'make-secrets'))
    writeFileSync(join(deploy, '.env'), 'STOCK_DATABASE_PASSWORD=known\nREADER_PASSWORD=\n')
    const run = () =>
      execFileSync('/bin/sh', [join(deploy, 'make-secrets')], { env: { ...process.env, SECRETS: folder } })
    run()
    const all = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])
    const first = all()
    expect(Object.fromEntries(first)).toMatchObject({
      stock_database_password: 'known',
      stock_database_url: 'postgresql://stock:known@postgres:5432/stock',
      reader_password: expect.stringMatching(/^[0-9a-f]{48}$/) as unknown,
    })
    expect(String(run())).toBe('')
    expect(all()).toEqual(first)
    expect(statSync(folder).mode & 0o077).toBe(0)
  })

  test('healthy says whether what listens answers that it lives', async () => {
    let status = 200
    const server = createServer((_request, answer) => answer.writeHead(status).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ask = (at: number) =>
      new Promise<number | null>((resolve) => {
        const child = spawn(join(root, 'deploy/healthy'), { env: { PATH: process.env['PATH'], PORT: String(at) } })
        child.once('exit', resolve)
      })
    expect(await ask(port)).toBe(0)
    status = 503
    expect(await ask(port)).toBe(1)
    server.close()
    server.closeAllConnections()
    expect(await ask(port)).toBe(1)
  })
})

test('the script that makes the accounts is a shell script', () => {
  const script = join(root, 'deploy/postgres/accounts.sh')
  expect(spawnSync('/bin/sh', ['-n', script]).status).toBe(0)
  expect(execFileSync('head', ['-1', script], { encoding: 'utf8' })).toBe('#!/bin/sh\n')
})
