import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { readAddress, type DatabaseAddress } from '../database/postgres.address.ts'
import { ConfigError, parseConfig, serviceConfig } from '../process/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'variables-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const shape = { SECRET: z.string().min(8, 'must have at least 8 characters'), OTHER: z.string().optional() }

describe('a variable given by file', () => {
  test.each([
    ['as it is', 'correct horse', 'correct horse'],
    ['without the line break at its end', 'correct horse\n', 'correct horse'],
    ['without that of Windows', 'correct horse\r\n', 'correct horse'],
    ['with blanks and breaks inside', ' correct\nhorse \n\n', ' correct\nhorse \n'],
  ])('is read %s', (name, content, value) => {
    expect(parseConfig(shape, { SECRET_FILE: file(name, content) }).SECRET).toBe(value)
  })

  test.each([
    [
      'both are set',
      { SECRET: 'hunter2-hunter2', SECRET_FILE: '/x' },
      'SECRET and SECRET_FILE exclude each other: set one',
    ],
    [
      'the file is not there',
      { SECRET_FILE: '/not/there' },
      'SECRET_FILE names /not/there, which cannot be read (ENOENT)',
    ],
    ['it is a folder', { SECRET_FILE: folder }, `SECRET_FILE names ${folder}, which cannot be read (EISDIR)`],
    ['it is empty', { SECRET_FILE: file('empty', '\n') }, `SECRET_FILE names ${join(folder, 'empty')}, which is empty`],
    ['its value is wrong', { SECRET_FILE: file('short', 'hunter2') }, 'SECRET must have at least 8 characters'],
    ['it is missing', { SECRET_FILE: ' ' }, 'SECRET is missing'],
  ])('is told of when %s, without its value, and once', (_name, environment, fault) => {
    const attempt = (): unknown => parseConfig(shape, environment)
    expect(attempt).toThrow(new ConfigError([fault]))
    expect(attempt).not.toThrow(/hunter2/)
  })

  test('is left alone when the name is a variable of its own', () => {
    const own = { CA: z.string().optional(), CA_FILE: z.string() }
    expect(parseConfig(own, { CA_FILE: '/some/ca.pem' })).toEqual({ CA_FILE: '/some/ca.pem' })
  })
})

describe("a service's configuration by file", () => {
  const rest = { PORT: '0', IDENTITY_URL: 'http://h:1' }

  test('holds for its database, the bus and its own variables', () => {
    const { SECRET, databaseUrl, bus } = serviceConfig('stock', shape, {
      ...rest,
      STOCK_DATABASE_URL_FILE: file('database', 'postgresql://stock:p@h/stock\n'),
      BUS_DATABASE_URL_FILE: file('bus', 'postgresql://bus:p@h/bus\n'),
      SECRET_FILE: file('secret', 'correct horse\n'),
    })
    expect(SECRET).toBe('correct horse')
    const read = (address: DatabaseAddress) => readAddress(address).client.connectionString
    expect(read(databaseUrl)).toBe('postgresql://stock:p@h/stock')
    expect(bus.kind === 'embedded' && read(bus.databaseUrl)).toBe('postgresql://bus:p@h/bus')
    file('database', 'postgresql://stock:new@h/stock\n')
    expect(read(databaseUrl)).toBe('postgresql://stock:new@h/stock')
  })

  test('tells all that is wrong at once', () => {
    const environment = { ...rest, STOCK_DATABASE_URL_FILE: '/a', BUS_DATABASE_URL_FILE: '/b', SECRET_FILE: '/c' }
    const faults = ['STOCK_DATABASE_URL_FILE names /a,', 'BUS_DATABASE_URL_FILE names /b,', 'SECRET_FILE names /c,']
    const whole = new ConfigError(faults.map((fault) => `${fault} which cannot be read (ENOENT)`)).message
    const told = (): unknown => serviceConfig('stock', shape, environment)
    for (const line of whole.split('\n')) expect(told).toThrow(line)
    expect(told).not.toThrow(/missing/)
  })
})
