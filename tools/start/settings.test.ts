import { describe, expect, test } from '@jest/globals'
import { originEnvironment, plainEnvironment, serviceEnvironment } from './services.ts'
import { CannotStart, embeddedDatabases, freshSecret, readSettings, serviceNames } from './settings.ts'
import { asksForUsage } from './usage.ts'

describe('settings', () => {
  test('without any variable everything is embedded and at 8080', () => {
    const settings = readSettings({}, '/home/someone/stockline')
    expect(settings.dataDir).toBe('/home/someone/stockline/.data')
    expect(settings.ports).toEqual({
      origin: 8080,
      services: { identity: 8081, stock: 8082, picking: 8083, valuation: 8084 },
      postgres: 8085,
    })
    expect(embeddedDatabases(settings)).toEqual(['identity', 'stock', 'picking', 'valuation', 'bus'])
  })

  test('two installations with different PORT share no port', () => {
    const portsOf = (origin: string): number[] => {
      const { ports } = readSettings({ PORT: origin }, '/')
      return [ports.origin, ...Object.values(ports.services), ports.postgres]
    }
    expect(new Set([...portsOf('9000'), ...portsOf('9006')]).size).toBe(12)
  })

  test('every wrong variable is named at once', () => {
    const attempt = (): unknown =>
      readSettings({ PORT: 'http', SEED: 'all', DEMO_PASSWORD: 'short', STOCK_DATABASE_URL: 'mysql://x' }, '/')
    expect(attempt).toThrow(CannotStart)
    for (const name of ['PORT', 'SEED', 'DEMO_PASSWORD', 'STOCK_DATABASE_URL']) expect(attempt).toThrow(name)
  })

  test.each(['0', '-1', '65531', '99999', '80.5', '8o80', '1e3'])('the port %s is refused', (text) => {
    expect(() => readSettings({ PORT: text }, '/')).toThrow('PORT is a port from 1 to 65530')
  })

  test('arguments are refused, with what there is instead', () => {
    expect(asksForUsage([])).toBe(false)
    expect(asksForUsage(['--help'])).toBe(true)
    for (const given of [['--port', '9000'], ['--'], ['--help', 'PORT=1']]) {
      expect(() => asksForUsage(given)).toThrow(CannotStart)
      expect(() => asksForUsage(given)).toThrow(`There is no argument ${given.join(' ')}.`)
      expect(() => asksForUsage(given)).toThrow('DATA_DIR')
    }
  })

  test('an empty variable counts as not set', () => {
    expect(readSettings({ PORT: ' ', DATA_DIR: '' }, '/x').ports.origin).toBe(8080)
  })

  test('only what nobody else provides is embedded', () => {
    const given = { STOCK_DATABASE_URL: 'postgresql://a:b@host/stock', KAFKA_BROKERS: 'host:9092' }
    expect(embeddedDatabases(readSettings(given, '/'))).toEqual(['identity', 'picking', 'valuation'])
  })

  test.each([
    ['stock', { STOCK_DATABASE_URL_FILE: '/secrets/stock', BUS_DATABASE_URL_FILE: '/secrets/bus' }],
    ['picking', { PICKING_DATABASE_URL: 'embedded', BUS_DATABASE_URL_FILE: '/secrets/bus' }],
  ] as const)('an address that was given by file goes on to %s as a file, and to nobody else', (name, wanted) => {
    const files = { STOCK_DATABASE_URL_FILE: '/secrets/stock', BUS_DATABASE_URL_FILE: '/secrets/bus' }
    Object.assign(process.env, files)
    const secrets = { demo: undefined, firstAdministratorCode: 'x', keyEncryptionSecret: 'y' }
    const environment = serviceEnvironment(readSettings({}, '/'), name, { picking: 'embedded' }, secrets)
    for (const variable of Object.keys(files)) Reflect.deleteProperty(process.env, variable)
    const given = Object.entries(environment).filter(([variable]) => /^(?!TEST).*_DATABASE_URL/.test(variable))
    expect(Object.fromEntries(given)).toEqual(wanted)
  })

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['nothing is', {}, { KEY_ENCRYPTION_SECRET: 'remembered', FIRST_ADMINISTRATOR_CODE: 'made' }],
    [
      'both are',
      { KEY_ENCRYPTION_SECRET: 'given', FIRST_ADMINISTRATOR_CODE: 'given' },
      { KEY_ENCRYPTION_SECRET: 'given', FIRST_ADMINISTRATOR_CODE: 'made' },
    ],
    [
      'both are by file',
      { KEY_ENCRYPTION_SECRET_FILE: '/secrets/key', FIRST_ADMINISTRATOR_CODE_FILE: '/secrets/code' },
      { KEY_ENCRYPTION_SECRET_FILE: '/secrets/key', FIRST_ADMINISTRATOR_CODE: 'made' },
    ],
    [
      'the key is, and an empty file',
      { KEY_ENCRYPTION_SECRET: 'given', KEY_ENCRYPTION_SECRET_FILE: '' },
      { KEY_ENCRYPTION_SECRET: 'given', FIRST_ADMINISTRATOR_CODE: 'made' },
    ],
    [
      'the key is, in both ways, which identity refuses',
      { KEY_ENCRYPTION_SECRET: 'given', KEY_ENCRYPTION_SECRET_FILE: '/secrets/key' },
      {
        KEY_ENCRYPTION_SECRET: 'given',
        KEY_ENCRYPTION_SECRET_FILE: '/secrets/key',
        FIRST_ADMINISTRATOR_CODE: 'made',
      },
    ],
  ])('where %s given, identity alone is told its secrets', (_which, given, wanted) => {
    const settings = readSettings({ SEED: 'none' }, '/')
    const secrets = { demo: undefined, firstAdministratorCode: 'made', keyEncryptionSecret: 'remembered' }
    Object.assign(process.env, given)
    const environments = serviceNames.map((name) => serviceEnvironment(settings, name, {}, secrets))
    const others = [originEnvironment(settings, 'none'), plainEnvironment()]
    for (const variable of Object.keys(given)) Reflect.deleteProperty(process.env, variable)
    const [ofIdentity, ...ofOthers] = [...environments, ...others].map((environment) =>
      Object.fromEntries(
        Object.entries(environment).filter(([name]) => /^(KEY_ENCRYPTION|FIRST_ADMINISTRATOR)_/.test(name)),
      ),
    )
    expect(ofIdentity).toEqual(wanted)
    expect(ofOthers).toEqual([{}, {}, {}, {}, {}])
  })

  test.each([
    ["the demo has one of GS1's demonstrations", 'demo', undefined, '9520000'],
    ['an empty one counts as not set', 'demo', '', '9520000'],
    ['one that is given is taken', 'demo', '9506000', '9506000'],
    ['without demo data there is none', 'none', undefined, undefined],
    ['without demo data one that is given is taken', 'none', '9506000', '9506000'],
  ])('the company prefix: %s', (_title, seed, given, told) => {
    if (given !== undefined) process.env['GS1_COMPANY_PREFIX'] = given
    const demo = seed === 'demo' ? { password: 'p', clientSecret: 's' } : undefined
    const secrets = { demo, firstAdministratorCode: 'x', keyEncryptionSecret: 'y' }
    const [picking, stock] = (['picking', 'stock'] as const).map((name) =>
      serviceEnvironment(readSettings({}, '/'), name, {}, secrets),
    )
    Reflect.deleteProperty(process.env, 'GS1_COMPANY_PREFIX')
    expect([picking?.['GS1_COMPANY_PREFIX'], stock?.['GS1_COMPANY_PREFIX'] || undefined]).toEqual([
      told,
      given || undefined,
    ])
  })

  test("Kafka's logins are told to the services alone", () => {
    process.env['KAFKA_SASL_PASSWORD'] = 'given'
    const settings = readSettings({ KAFKA_BROKERS: 'broker:9092' }, '/')
    const secrets = { demo: undefined, firstAdministratorCode: 'x', keyEncryptionSecret: 'y' }
    const told = [
      ...serviceNames.map((name) => serviceEnvironment(settings, name, {}, secrets)),
      ...[originEnvironment(settings, 'none'), plainEnvironment()],
    ].map((environment) => environment['KAFKA_SASL_PASSWORD'])
    Reflect.deleteProperty(process.env, 'KAFKA_SASL_PASSWORD')
    expect(told).toEqual(['given', 'given', 'given', 'given', undefined, undefined])
  })

  test('secrets need no quoting, and no two are the same', () => {
    const secrets = Array.from({ length: 200 }, () => freshSecret())
    expect(secrets.every((secret) => /^[A-Za-z0-9]{24}$/.test(secret))).toBe(true)
    expect(new Set(secrets).size).toBe(200)
  })
})
