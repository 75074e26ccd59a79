/** What a message that is no JSON seems to be, by its first bytes: for the person who has to write to its sender. Pure. */

interface Framing {
  readonly name: string
  readonly begins: readonly number[]
}

const bytesOf = (text: string): number[] => [...Buffer.from(text, 'latin1')]

/** Longer beginnings stand before shorter ones that they begin with. */
const framings: readonly Framing[] = [
  { name: 'gzip', begins: [0x1f, 0x8b] },
  { name: 'zstd', begins: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'lz4', begins: [0x04, 0x22, 0x4d, 0x18] },
  { name: 'snappy (the Java client’s framing)', begins: [0x82, ...bytesOf('SNAPPY\0')] },
  { name: 'snappy (stream framing)', begins: [0xff, 0x06, 0x00, 0x00, ...bytesOf('sNaPpY')] },
  { name: 'bzip2', begins: bytesOf('BZh') },
  { name: 'xz', begins: [0xfd, ...bytesOf('7zXZ\0')] },
  { name: 'zlib', begins: [0x78, 0x01] },
  { name: 'zlib', begins: [0x78, 0x9c] },
  { name: 'zlib', begins: [0x78, 0xda] },
  { name: 'a ZIP archive', begins: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'an Avro object container file', begins: [...bytesOf('Obj'), 0x01] },
  { name: 'Avro’s single-object encoding', begins: [0xc3, 0x01] },
  { name: 'a Java object stream', begins: [0xac, 0xed, 0x00, 0x05] },
  { name: 'CBOR', begins: [0xd9, 0xd9, 0xf7] },
  { name: 'PDF', begins: bytesOf('%PDF') },
  { name: 'UTF-32 text', begins: [0x00, 0x00, 0xfe, 0xff] },
  { name: 'UTF-32 text', begins: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-16 text', begins: [0xff, 0xfe] },
  { name: 'UTF-16 text', begins: [0xfe, 0xff] },
  { name: 'UTF-16 text', begins: [0x7b, 0x00] },
  { name: 'UTF-16 text', begins: [0x5b, 0x00] },
  { name: 'UTF-16 text', begins: [0x00, 0x7b, 0x00] },
  { name: 'UTF-16 text', begins: [0x00, 0x5b, 0x00] },
  { name: 'the AWS Glue schema registry', begins: [0x03, 0x00] },
  { name: 'the AWS Glue schema registry', begins: [0x03, 0x05] },
]

/** What text begins with, after white space. */
const texts: readonly { readonly name: string; readonly begins: RegExp }[] = [
  { name: 'XML', begins: /^<[?!A-Za-z]/ },
  { name: 'an X12 interchange', begins: /^ISA[^A-Za-z0-9 ]/ },
  { name: 'an EDIFACT interchange', begins: /^UN[AB][^A-Za-z]/ },
  { name: 'a JSON list, and a message holds one event', begins: /^\[/ },
  { name: 'JSON written once more as a JSON text', begins: /^"\s*[{[]/ },
  { name: 'base64 of JSON', begins: /^(eyJ|ey[0-9A-Za-z])[\w+/]*=*$/ },
  { name: 'a form or query', begins: /^[\w.-]+=[^{}\s]*(&[\w.-]+=[^{}\s]*)+$/ },
]

/** Bytes that are looked at. */
const most = 4_096

/** What these bytes seem to be; undefined when nothing is recognised. */
export function framingOf(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return 'nothing at all'
  const known = framings.find(({ begins }) => begins.every((one, at) => bytes[at] === one))
  if (known !== undefined) return known.name
  if (bytes[0] === 0x00 && bytes.length > 5) return `a schema registry (schema ${String(bytes.readUInt32BE(1))})`
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return `UTF-8 with a byte order mark, and after it ${framingOf(bytes.subarray(3)) ?? 'no JSON object'}`
  const start = bytes.subarray(0, most)
  if (looksLikeText(start)) {
    const text = start.toString('latin1').trimStart()
    return texts.find(({ begins }) => begins.test(text))?.name
  }
  if (bytes.length >= 5 && bytes.readInt32LE(0) === bytes.length && bytes.at(-1) === 0) return 'BSON'
  if (isProtobuf(start, bytes.length > most)) return 'Protobuf, perhaps'
  return undefined
}

function looksLikeText(bytes: Buffer): boolean {
  return bytes.every((one) => one >= 0x20 || one === 0x09 || one === 0x0a || one === 0x0d)
}

/** Fields one after the other until the end: tag, then a number, bytes of a given length, or 4 or 8 bytes. */
function isProtobuf(bytes: Buffer, cut: boolean): boolean {
  let at = 0
  while (at < bytes.length) {
    const tag = varint(bytes, at)
    if (tag === undefined || tag.value >> 3 === 0) return false
    const next = endOfField(bytes, tag.end, tag.value & 7)
    if (next === undefined) return false
    at = next
  }
  return at === bytes.length || cut
}

function endOfField(bytes: Buffer, at: number, wire: number): number | undefined {
  if (wire === 1) return at + 8
  if (wire === 5) return at + 4
  const number = wire === 0 || wire === 2 ? varint(bytes, at) : undefined
  if (number === undefined) return undefined
  return wire === 0 ? number.end : number.end + number.value
}

/** The number that begins here, seven bits a byte; of a long one the value is cut to what a tag or length may have. */
function varint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let at = start; at < start + 10; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    if (at < start + 4) value |= (byte & 0x7f) << (7 * (at - start))
    if (byte < 0x80) return { value, end: at + 1 }
  }
  return undefined
}
