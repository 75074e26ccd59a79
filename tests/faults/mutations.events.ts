/** The good events that mutations are made of. */

/** Topics that others publish on, and their base event. */
export const inputTopics = ['purchasing.orders', 'sales.orders', 'catalog.products'] as const
export type InputTopic = (typeof inputTopics)[number]

/** A CloudEvent with data. */
export type Event = Record<string, unknown> & { data: Record<string, unknown> }

/** A good event. */
export function baseEvent(topic: InputTopic, name: string): Event {
  const envelope = {
    specversion: '1.0',
    id: `id-${name}`,
    source: '/mutations',
    subject: name,
    time: '2026-04-20T08:00:00Z',
  }
  const partner = { code: 'ACME', name: 'Acme Supplies' }
  const line = { line: 1, sku: 'RM-A', quantity: '1', unit: 'kg' }
  switch (topic) {
    case 'purchasing.orders':
      return {
        ...envelope,
        type: 'purchasing.order-confirmed.v1',
        data: {
          orderNumber: name,
          warehouse: 'WH',
          vendor: partner,
          currency: 'USD',
          lines: [{ ...line, unitPrice: '2.50' }],
        },
      }
    case 'sales.orders':
      return {
        ...envelope,
        type: 'sales.order-confirmed.v1',
        data: { orderNumber: name, warehouse: 'WH', customer: partner, lines: [line] },
      }
    case 'catalog.products':
      return {
        ...envelope,
        type: 'catalog.product-upserted.v1',
        data: {
          sku: name,
          name: 'Acme thing',
          type: 'stockable',
          unit: 'unit',
          category: 'Acme',
          barcodes: [],
          tracking: 'none',
        },
      }
  }
}

/** Fields of its data without which it is refused. */
export function required({ data }: Event): readonly string[] {
  return 'sku' in data ? ['sku', 'name', 'type', 'unit', 'category', 'tracking'] : ['orderNumber', 'warehouse', 'lines']
}
