import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readNotification, type Routed, encodeMessages } from './append-notification.ts'

function routed(id: number, key: string, value: Buffer, headers: Record<string, string> = {}): Routed {
  return { partition: { id, topicId: 1, topic: 'orders', number: 0 }, message: { key, value, headers } }
}

/** As `bus.append` says it. */
function read(messages: readonly Routed[]): ReturnType<typeof readNotification> {
  return readNotification(`7:41,9:3\n${encodeMessages(messages)}`)
}

describe('notifications of the embedded bus', () => {
  test('say where each partition goes on', () => {
    expect(read([routed(7, 'key', Buffer.from('x'))])?.firstOffsets).toEqual(
      new Map([
        [7, 41n],
        [9, 3n],
      ]),
    )
  })

  test('bring small texts as they were, by partition in order', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((given) => !given.includes('\u0000'))
    const message = fc.record({ id: fc.constantFrom(7, 9), key: text, value: text, headers: fc.dictionary(text, text) })
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (given) => {
        const messages = given.map(({ id, key, value, headers }) => routed(id, key, Buffer.from(value), headers))
        const encoded = read(messages)?.messages
        for (const id of [7, 9]) {
          const expected = messages.filter(({ partition }) => partition.id === id).map((one) => one.message)
          expect(encoded?.get(id) ?? []).toEqual(expected)
        }
      }),
    )
  })

  test.each(['', 'nonsense', '7', '7:x\n', '7:1\n1,2,3,4\nabc'])('that are none are said to be none: %j', (payload) => {
    expect(readNotification(payload)).toBeUndefined()
  })

  test.each([
    ['a large one', Buffer.alloc(8_000, 'x')],
    ['bytes that are no text', Buffer.from([0xff, 0xfe])],
    ['a text with a zero, which PostgreSQL does not take', Buffer.from('a\u0000b')],
    ['many bytes in few letters', Buffer.from('€'.repeat(2_500))],
  ])('do not bring %s: it is to be asked for', (_, value) => {
    expect(encodeMessages([routed(7, 'key', Buffer.from('small')), routed(7, 'key', value)])).toBe('')
    expect(read([routed(7, 'key', value)])?.messages.size).toBe(0)
  })
})
