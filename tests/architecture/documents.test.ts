import { expect, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { documents } from '../../tools/generate/documents.ts'

const root = join(import.meta.dirname, '../..')
const derived = [...(await documents())]

test('the diagram of ARCHITECTURE.md is among what is derived', () => {
  expect(derived.map(([path]) => path)).toContain('ARCHITECTURE.md')
})

test.each(derived)('%s is as `pnpm generate` writes it', (path, text) => {
  expect(existsSync(join(root, path))).toBe(true)
  expect(readFileSync(join(root, path), 'utf8')).toBe(text)
})
