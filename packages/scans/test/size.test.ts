/** A browser reads with it: it must be small, and need nothing of Node. */
import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

test('the reader and its dictionary have at most 40 kB as they are sent', () => {
  const folder = join(import.meta.dirname, '../src')
  const files = readdirSync(folder).map((name) => stripTypeScriptTypes(readFileSync(join(folder, name), 'utf8')))
  expect(gzipSync(files.join('\n')).length).toBeLessThanOrEqual(40_000)
})
