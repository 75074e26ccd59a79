/** The AsyncAPI 3 document: topics, events and their schemas, for those who connect a system. */
import { contracts, topics } from './topics.ts'
import { jsonSchemaOf } from './json-schema.ts'

/** `purchasing.order-confirmed.v1` → `purchasing_order-confirmed_v1`: AsyncAPI allows no points in references. */
const key = (name: string) => name.replaceAll('.', '_')

/**
 * @returns a plain object, ready for JSON.stringify
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function asyncApi(): Record<string, unknown> {
  const channels = topics.map((topic) => [
    key(topic.name),
    {
      address: topic.name,
      messages: Object.fromEntries(
        contracts
          .filter((one) => one.topics.includes(topic.name))
          .map((one) => [key(one.type), { $ref: `#/components/messages/${key(one.type)}` }]),
      ),
      bindings: { kafka: { partitions: topic.partitions, bindingVersion: '0.5.0' } },
    },
  ])
  const operations = topics.map((topic) => [
    `receive_${key(topic.name)}`,
    { action: 'receive', channel: { $ref: `#/channels/${key(topic.name)}` } },
  ])
  const messages = contracts.map((one) => [
    key(one.type),
    {
      name: one.type,
      summary: one.summary,
      description: `Keyed by ${one.subject}. Owner: ${one.owner}.`,
      contentType: 'application/cloudevents+json',
      payload: cloudEvent(one, { $ref: `#/components/schemas/${key(one.type)}` }),
    },
  ])
  const schemas = contracts.map((one) => {
    const { $id: _id, $schema: _dialect, ...schema } = jsonSchemaOf(one)
    return [key(one.type), schema]
  })
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Stockline events',
      version: '1.0.0',
      description:
        'CloudEvents 1.0 in structured JSON mode; binary mode is read too, batches are not (by HTTP they are). A message has at most 1 MiB, 64 levels and 100,000 fields and items. Amounts are decimal strings.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(channels) as unknown,
    operations: Object.fromEntries(operations) as unknown,
    components: { messages: Object.fromEntries(messages) as unknown, schemas: Object.fromEntries(schemas) as unknown },
  }
}

/** `null` is absent. Of events from outside the subject may be missing, and extensions are whatever their senders make of them. */
function cloudEvent({ type, subjectField }: (typeof contracts)[number], data: object): object {
  const text = { type: 'string' }
  const optional = { type: ['string', 'null'] }
  const ours = {
    sequence: text,
    correlationid: text,
    causationid: text,
    traceparent: text,
  }
  return {
    type: 'object',
    required: ['specversion', 'id', 'source', 'type', ...(subjectField === undefined ? ['subject'] : []), 'data'],
    properties: {
      specversion: { const: '1.0' },
      id: text,
      source: text,
      type: { const: type },
      subject:
        subjectField === undefined ? text : { ...optional, description: `Missing, \`${subjectField}\` stands for it.` },
      time: subjectField === undefined ? { type: 'string', format: 'date-time' } : { ...optional, format: 'date-time' },
      datacontenttype: optional,
      dataschema: optional,
      ...(subjectField === undefined ? ours : {}),
      data,
    },
  }
}
