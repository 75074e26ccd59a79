import { expect, test } from '@jest/globals'
import { plainSchemas } from './openapi.schemas.ts'

const nothing = { type: 'null' }

test.each<[string, object, object]>([
  [
    'a text or null',
    { anyOf: [{ type: 'string', pattern: 'a' }, nothing] },
    { type: ['string', 'null'], pattern: 'a' },
  ],
  [
    'an enumeration or null',
    { anyOf: [{ type: 'string', enum: ['a'] }, nothing], default: 'a' },
    { default: 'a', type: ['string', 'null'], enum: ['a', null] },
  ],
  [
    'an object or null, and what is in it',
    { anyOf: [{ type: 'object', properties: { on: { type: 'string', format: 'date', pattern: 'x' } } }, nothing] },
    { type: ['object', 'null'], properties: { on: { type: 'string', format: 'date' } } },
  ],
  [
    'two schemas that are both something',
    { anyOf: [{ type: 'string' }, { type: 'object' }] },
    { anyOf: [{ type: 'string' }, { type: 'object' }] },
  ],
  ['a UUID', { type: 'string', format: 'uuid', pattern: '^x$' }, { type: 'string', format: 'uuid' }],
  [
    'a format that says nothing of the form',
    { format: 'password', pattern: 'x' },
    { format: 'password', pattern: 'x' },
  ],
  ['a constant', { type: 'string', const: '1.0' }, { type: 'string', enum: ['1.0'] }],
  [
    'a whole number',
    { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    { type: 'integer' },
  ],
  ['a whole number with bounds of its own', { type: 'integer', minimum: 0 }, { type: 'integer', minimum: 0 }],
  ['an object that is closed', { type: 'object', additionalProperties: false }, { type: 'object' }],
  ['within lists', { oneOf: [{ const: 'x', type: 'string' }] }, { oneOf: [{ type: 'string', enum: ['x'] }] }],
])('%s', (_name, given, expected) => {
  expect(plainSchemas(given)).toEqual(expected)
})
