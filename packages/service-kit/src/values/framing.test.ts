import { expect, test } from '@jest/globals'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { framingOf } from './framing.ts'

const event = JSON.stringify({ specversion: '1.0', id: '1', data: { orderNumber: 'PO-1' } })
const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((one) => Buffer.from(one as string)))
/** `{ 1: "PO-1", 2: 100, 3: 1.5 }` */
const protobuf = [0x0a, 0x04, 0x50, 0x4f, 0x2d, 0x31, 0x10, 0x64, 0x1d, 0x00, 0x00, 0xc0, 0x3f]
const utf16 = Buffer.from(event, 'utf16le')

test.each<[string, Buffer, string | undefined]>([
  ['no bytes', bytes(), 'nothing at all'],
  ['gzip', gzipSync(event), 'gzip'],
  ['zlib', deflateSync(event), 'zlib'],
  ['zstd', zstdCompressSync(event), 'zstd'],
  ['Confluent, JSON', bytes([0, 0, 0, 1, 0x2a], event), 'a schema registry (schema 298)'],
  ['Confluent, Avro', bytes([0, 0, 0, 0, 7, 0x08], 'PO-1'), 'a schema registry (schema 7)'],
  ['Confluent, Protobuf', bytes([0, 0, 0, 0, 9, 0], protobuf), 'a schema registry (schema 9)'],
  ['Glue', bytes([3, 0], new Array<number>(16).fill(0x11), event), 'the AWS Glue schema registry'],
  ['an Avro file', bytes('Obj', [1], 'avro.schema'), 'an Avro object container file'],
  ['one Avro object', bytes([0xc3, 1], new Array<number>(8).fill(0x55), [2, 0x61]), 'Avro’s single-object encoding'],
  ['Protobuf', bytes(protobuf), 'Protobuf, perhaps'],
  ['UTF-16', utf16, 'UTF-16 text'],
  ['UTF-16, big-endian', Buffer.from(utf16).swap16(), 'UTF-16 text'],
  ['UTF-16 with its mark', bytes([0xff, 0xfe], [...utf16]), 'UTF-16 text'],
  ['UTF-8 with its mark, cut', bytes('\uFEFF{"a"'), 'UTF-8 with a byte order mark, and after it no JSON object'],
  ['UTF-8 with its mark, XML', bytes('\uFEFF<a/>'), 'UTF-8 with a byte order mark, and after it XML'],
  ['XML', bytes(' \n<?xml version="1.0"?><order/>'), 'XML'],
  ['X12', bytes('ISA*00*          *00*'), 'an X12 interchange'],
  ['EDIFACT', bytes('UNB+UNOA:1+US::US+50138::THEM'), 'an EDIFACT interchange'],
  ['a list', bytes(`[${event}]`), 'a JSON list, and a message holds one event'],
  ['JSON in a JSON text', bytes(JSON.stringify(event)), 'JSON written once more as a JSON text'],
  ['base64', bytes(Buffer.from(event).toString('base64')), 'base64 of JSON'],
  ['a form', bytes('orderNumber=PO-1&warehouse=WH'), 'a form or query'],
  ['a Java object', bytes([0xac, 0xed, 0, 5, 0x73, 0x72]), 'a Java object stream'],
  ['BSON', bytes([0x0c, 0, 0, 0, 0x10, 0x61, 0, 1, 0, 0, 0, 0]), 'BSON'],
  ['words', bytes('this is no JSON'), undefined],
  ['a cut event', bytes(event.slice(0, -5)), undefined],
  ['noise', bytes([0xfe, 0x13, 0x99, 0x00, 0xa1]), undefined],
])('%s', (_what, given, expected) => {
  expect(framingOf(given)).toBe(expected)
})
