/** What must always be so within this service's database. Each statement gives the rows that offend. */
import { documentInvariants, type InvariantKind } from '@stockline/documents'
import { sql, type Invariant } from '@stockline/service-kit'
import { deliveryKind } from './deliveries/delivery.fields.ts'
import { packageKind } from './packages/package.fields.ts'
import { receiptKind } from './receipts/receipt.fields.ts'
import { transferKind } from './transfers/transfer.fields.ts'

/** How many base units one of a line's unit is; null where nobody told. Of products `p` and a unit's code. */
const factorOf = (unit: string) => `(
  SELECT CASE WHEN ${unit} = p.unit THEN 1 ELSE coalesce(
    (SELECT (own ->> 'numerator')::numeric / (own ->> 'denominator')::numeric
     FROM jsonb_array_elements(p.units::jsonb) AS own WHERE own ->> 'unit' = ${unit}),
    (SELECT coalesce(counted.numerator::numeric / counted.denominator, 1)
       / coalesce(base.numerator::numeric / base.denominator, 1)
     FROM units counted LEFT JOIN units base ON base.code = p.unit
     WHERE counted.code = ${unit} AND coalesce(counted.reference, counted.code) = coalesce(base.reference, p.unit))) END)`

/**
 * Documents that use a place which is known and is in another warehouse, or holds no stock of ours, and do not say so. `places` are
 * those of a document `d`.
 */
const placesElsewhere = (documents: 'receipts' | 'deliveries', places: string) =>
  sql(`
      SELECT DISTINCT d.number, l.code, l.warehouse, l.type FROM ${documents} d
      CROSS JOIN LATERAL (${places}) AS used (place) JOIN locations l ON l.code = place
      WHERE d.status <> 'cancelled' AND (l.warehouse <> d.warehouse OR l.type <> 'internal')
        AND NOT 'location:' || l.code = ANY (d.waits_for)`)

const kinds: readonly InvariantKind[] = [
  {
    ...receiptKind,
    scope: {
      summary: 'its destination and those of its entries',
      places: `
        SELECT id, destination AS place FROM receipts
        UNION SELECT l.receipt_id, entry ->> 'destination' FROM receipt_lines l
          CROSS JOIN jsonb_array_elements(l.entries) AS entry WHERE entry ->> 'destination' IS NOT NULL
        UNION SELECT l.receipt_id, entry -> 'rejected' ->> 'location' FROM receipt_lines l
          CROSS JOIN jsonb_array_elements(l.entries) AS entry WHERE entry -> 'rejected' ->> 'location' IS NOT NULL`,
    },
  },
  {
    ...deliveryKind,
    scope: {
      summary: 'the places of its picks, and its warehouse while it has none',
      places: `
        SELECT d.id, coalesce(pick ->> 'location', d.warehouse) AS place FROM deliveries d
        LEFT JOIN (SELECT l.delivery_id, pick FROM delivery_lines l CROSS JOIN jsonb_array_elements(l.picks) AS pick)
          AS picks ON picks.delivery_id = d.id`,
    },
  },
  {
    ...transferKind,
    scope: {
      summary: 'its source and destination, and of a relocation the places of its lines',
      places: `
        SELECT t.id, unnest(CASE WHEN l.from_location IS NULL THEN ARRAY[t.source, t.destination]
          ELSE ARRAY[l.from_location, l.to_location] END) AS place
        FROM transfers t LEFT JOIN transfer_lines l ON l.transfer_id = t.id`,
    },
  },
  {
    ...packageKind,
    scope: {
      summary: 'that of its delivery, as it was changed last',
      places: `
        SELECT p.id, unnest(CASE WHEN p.open THEN coalesce(d.locations, p.places) ELSE p.places END) AS place
        FROM packages p LEFT JOIN deliveries d ON d.id = p.delivery`,
    },
  },
]

export const invariants: readonly Invariant[] = [
  ...documentInvariants('picking', kinds),
  {
    name: 'picking-order-lines-agree-with-documents',
    summary:
      'Of each line of an order its documents did and are to do what it asks for: never more, and less only where somebody closed, cancelled or changed too late.',
    statement: sql(`
      WITH followed AS (
        SELECT o.id, o.order_number FROM orders o
        WHERE o.status = 'open' AND o.fingerprint <> '' AND o.followed IS NULL
          AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.order_id = o.id AND r.status = 'posting')
          AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.order_id = o.id AND d.status = 'posting')),
      ordered AS (
        SELECT f.id, f.order_number, l.line, l.sku, sum(l.quantity * ${factorOf('l.unit')}) AS quantity
        FROM followed f JOIN orders o USING (id)
        CROSS JOIN jsonb_to_recordset(o.content -> 'lines') AS l (line int, sku text, quantity numeric, unit text)
        JOIN products p USING (sku) WHERE p.type <> 'service' GROUP BY f.id, f.order_number, l.line, l.sku),
      parts AS (
        SELECT r.order_id AS id, l.order_line AS line, l.sku, r.status = 'done' AS is_done,
          CASE WHEN r.status = 'done' THEN coalesce(l.received, 0) ELSE l.expected END * ${factorOf('l.unit')} AS quantity
        FROM receipts r JOIN receipt_lines l ON l.receipt_id = r.id JOIN products p USING (sku)
        WHERE r.order_id IS NOT NULL AND r.status <> 'cancelled' AND l.order_line IS NOT NULL
        UNION ALL
        SELECT d.order_id, l.order_line, l.sku, d.status = 'done',
          CASE WHEN d.status = 'done'
            THEN (SELECT coalesce(sum((pick ->> 'picked')::numeric), 0) FROM jsonb_array_elements(l.picks) AS pick)
            ELSE coalesce(l.needed, l.quantity * ${factorOf('l.unit')}) END
        FROM deliveries d JOIN delivery_lines l ON l.delivery_id = d.id JOIN products p USING (sku)
        WHERE d.order_id IS NOT NULL AND d.status <> 'cancelled' AND l.order_line IS NOT NULL),
      sums AS (
        SELECT id, line, sku, coalesce(sum(quantity) FILTER (WHERE is_done), 0) AS done,
          coalesce(sum(quantity) FILTER (WHERE NOT is_done), 0) AS open
        FROM parts GROUP BY id, line, sku)
      SELECT o.order_number, o.line, o.sku, o.quantity AS ordered, coalesce(s.done, 0) AS done, coalesce(s.open, 0) AS open
      FROM ordered o JOIN products p USING (sku) LEFT JOIN sums s USING (id, line, sku)
      WHERE (s.open > 0 AND s.done + s.open >= o.quantity + power(10::numeric, -p.unit_decimals))
        OR (coalesce(s.done, 0) + coalesce(s.open, 0) <= o.quantity - power(10::numeric, -p.unit_decimals)
          AND NOT EXISTS (
            SELECT 1 FROM receipts r WHERE r.order_id = o.id AND (r.status = 'cancelled' OR r.remainder = 'close'
              OR EXISTS (SELECT 1 FROM history h WHERE h.document_id = r.id AND h.what = 'order-change-too-late')))
          AND NOT EXISTS (
            SELECT 1 FROM deliveries d WHERE d.order_id = o.id AND (d.status = 'cancelled' OR d.remainder = 'close'
              OR EXISTS (SELECT 1 FROM history h WHERE h.document_id = d.id AND h.what = 'order-change-too-late'))))
      UNION ALL
      SELECT o.order_number, s.line, s.sku, 0, s.done, s.open
      FROM sums s JOIN orders o USING (id)
      WHERE s.open > 0 AND (o.status = 'cancelled' OR o.id IN (SELECT id FROM followed)) AND NOT EXISTS (
        SELECT 1 FROM jsonb_to_recordset(o.content -> 'lines') AS l (line int, sku text)
        WHERE o.status = 'open' AND l.line = s.line AND l.sku = s.sku)`),
  },
  {
    name: 'picking-receipt-posting-was-published',
    summary: 'A receipt that waits for the ledger, or was posted, has asked it.',
    statement: sql(`
      SELECT r.number, r.status, r.attempt FROM receipts r
      WHERE r.attempt > 0 AND NOT EXISTS (
        SELECT 1 FROM kit.outbox_sequences s
        WHERE s.topic = 'picking.receipts' AND s.subject = r.id::text AND s.last >= r.attempt)
      UNION ALL
      SELECT number, status, attempt FROM receipts WHERE status IN ('posting', 'done') AND attempt < 1`),
  },
  {
    name: 'picking-receipt-lines-have-receipts',
    summary: 'Every line belongs to a receipt, and every receipt has lines unless it was made by hand.',
    statement: sql(`
      SELECT l.receipt_id AS id, l.line FROM receipt_lines l LEFT JOIN receipts r ON r.id = l.receipt_id WHERE r.id IS NULL
      UNION ALL
      SELECT r.id, NULL FROM receipts r
      WHERE r.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM receipt_lines l WHERE l.receipt_id = r.id)`),
  },
  {
    name: 'picking-receipt-follows-one-order',
    summary: 'An order has at most one receipt that is open in a warehouse.',
    statement: sql(`
      SELECT order_id, warehouse, count(*) FROM receipts
      WHERE order_id IS NOT NULL AND status IN ('draft', 'in_progress', 'in_review', 'posting')
      GROUP BY order_id, warehouse HAVING count(*) > 1`),
  },
  {
    name: 'picking-receipt-expects-what-can-be-counted',
    // A third of a box is kept as 0.333333: as much is allowed for rounding as where quantities are compared. The unit itself has none.
    summary: 'No open receipt expects less of a product than one step of the unit that it is kept in.',
    statement: sql(`
      SELECT r.number, l.line, l.sku, l.expected, l.unit
      FROM receipts r
      JOIN receipt_lines l ON l.receipt_id = r.id
      JOIN products p USING (sku)
      LEFT JOIN units base ON base.code = p.unit
      LEFT JOIN units counted ON counted.code = l.unit
      LEFT JOIN LATERAL (
        SELECT (own ->> 'numerator')::numeric AS numerator, (own ->> 'denominator')::numeric AS denominator
        FROM jsonb_array_elements(p.units::jsonb) AS own WHERE own ->> 'unit' = l.unit) AS own ON true
      CROSS JOIN LATERAL (SELECT power(10::numeric, -p.unit_decimals) AS step, CASE
          WHEN l.unit = p.unit THEN 1
          WHEN own.numerator IS NOT NULL THEN own.numerator / own.denominator
          WHEN coalesce(counted.reference, counted.code) = coalesce(base.reference, p.unit) THEN
            coalesce(counted.numerator::numeric / counted.denominator, 1)
            / coalesce(base.numerator::numeric / base.denominator, 1)
        END AS ratio) AS base_unit
      WHERE r.status IN ('draft', 'in_progress', 'in_review') AND r.waits_for = '{}' AND l.expected > 0
        AND l.expected * ratio < greatest(step - CASE WHEN l.unit = p.unit THEN 0 ELSE 0.000032 * ratio END, step / 2)`),
  },
  {
    name: 'picking-receipt-places-in-warehouse',
    summary: 'A receipt puts goods away in its own warehouse, where stock of ours is kept.',
    statement: placesElsewhere(
      'receipts',
      `
      SELECT coalesce(entry ->> 'destination', d.destination) FROM receipt_lines rl
        CROSS JOIN jsonb_array_elements(rl.entries) AS entry
        WHERE rl.receipt_id = d.id AND (entry ->> 'quantity')::numeric > 0
      UNION SELECT coalesce(entry -> 'rejected' ->> 'location', entry ->> 'destination', d.destination) FROM receipt_lines rl
        CROSS JOIN jsonb_array_elements(rl.entries) AS entry
        WHERE rl.receipt_id = d.id AND entry -> 'rejected' ->> 'to' = 'hold'
      UNION SELECT d.destination WHERE d.status = 'draft'`,
    ),
  },
  {
    name: 'picking-delivery-posting-was-published',
    summary: 'Stock was told every revision of what a delivery needs, and was asked at every attempt to post it.',
    statement: sql(`
      SELECT d.number, d.status, d.need_revision, d.attempt FROM deliveries d
      WHERE d.need_revision + d.attempt > 0 AND NOT EXISTS (
        SELECT 1 FROM kit.outbox_sequences s
        WHERE s.topic = 'picking.deliveries' AND s.subject = d.id::text AND s.last >= d.need_revision + d.attempt)
      UNION ALL
      SELECT number, status, need_revision, attempt FROM deliveries WHERE status IN ('posting', 'done') AND attempt < 1`),
  },
  {
    name: 'picking-delivery-lines-have-deliveries',
    summary: 'Every line belongs to a delivery, and every delivery has lines unless it keeps the number of a lost one.',
    statement: sql(`
      SELECT l.delivery_id AS id, l.line FROM delivery_lines l
      LEFT JOIN deliveries d ON d.id = l.delivery_id WHERE d.id IS NULL
      UNION ALL
      SELECT d.id, NULL FROM deliveries d
      WHERE NOT (d.status = 'cancelled' AND d.order_id IS NULL AND d.need_revision = 0) AND NOT EXISTS (SELECT 1 FROM delivery_lines l WHERE l.delivery_id = d.id)`),
  },
  {
    name: 'picking-delivery-picks-within-need',
    summary: 'A posted delivery shipped no more of a line than was wanted.',
    statement: sql(`
      SELECT d.number, l.line FROM deliveries d JOIN delivery_lines l ON l.delivery_id = d.id
      WHERE d.status IN ('posting', 'done') AND l.needed < (
        SELECT coalesce(sum((p->>'picked')::numeric), 0) FROM jsonb_array_elements(l.picks) AS p)`),
  },
  {
    name: 'picking-delivery-needs-what-can-be-picked',
    summary: 'No open delivery needs a part of the smallest step of the unit that its product is kept in.',
    statement: sql(`
      SELECT d.number, l.line, l.sku, l.needed, p.unit
      FROM deliveries d JOIN delivery_lines l ON l.delivery_id = d.id JOIN products p USING (sku)
      WHERE d.status IN ('waiting', 'ready', 'in_progress') AND l.needed <> round(l.needed, p.unit_decimals)`),
  },
  {
    name: 'picking-delivery-places-in-warehouse',
    summary: 'A delivery takes goods from its own warehouse, where stock of ours is kept.',
    statement: placesElsewhere('deliveries', 'SELECT unnest(d.locations)'),
  },
  {
    name: 'picking-put-backs-are-tasks',
    summary: 'A delivery is in the queue to be put back if and only if more is picked for it than is wanted.',
    statement: sql(`
      SELECT number, status, puts_back FROM (
        SELECT d.number, d.status, d.puts_back, d.status NOT IN ('posting', 'done') AND EXISTS (
          SELECT 1 FROM delivery_lines l
          WHERE l.delivery_id = d.id AND CASE WHEN d.status = 'cancelled' THEN 0 ELSE l.needed END < (
            SELECT coalesce(sum((p->>'picked')::numeric), 0) FROM jsonb_array_elements(l.picks) AS p)) AS has_too_much
        FROM deliveries d WHERE d.open OR d.puts_back) AS each
      WHERE puts_back <> has_too_much`),
  },
  {
    name: 'picking-delivery-follows-one-order',
    summary: 'An order has at most one delivery that is open in a warehouse.',
    statement: sql(`
      SELECT order_id, warehouse, count(*) FROM deliveries
      WHERE order_id IS NOT NULL AND status IN ('draft', 'waiting', 'ready', 'in_progress', 'posting')
      GROUP BY order_id, warehouse HAVING count(*) > 1`),
  },
  {
    name: 'picking-transfer-posting-was-published',
    summary: 'A transfer that waits for the ledger, or was posted, has asked it.',
    statement: sql(`
      SELECT t.number, t.status, t.attempt FROM transfers t
      WHERE t.attempt > 0 AND NOT EXISTS (
        SELECT 1 FROM kit.outbox_sequences s
        WHERE s.topic = 'picking.transfers' AND s.subject = t.id::text AND s.last >= t.attempt)
      UNION ALL
      SELECT number, status, attempt FROM transfers WHERE status IN ('waiting', 'posting', 'in_transit', 'done') AND attempt < 1`),
  },
  {
    name: 'picking-transfer-lines-have-transfers',
    summary:
      'Every line belongs to a transfer, and every transfer has lines unless nothing is known of it but its number.',
    statement: sql(`
      SELECT l.transfer_id AS id, l.line FROM transfer_lines l LEFT JOIN transfers t ON t.id = l.transfer_id WHERE t.id IS NULL
      UNION ALL
      SELECT t.id, NULL FROM transfers t
      WHERE t.status <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM transfer_lines l WHERE l.transfer_id = t.id)`),
  },
  {
    name: 'picking-transfer-moves-add-up',
    summary:
      'Of each line and lot of a transfer no more was received, lost and returned than was shipped; the rest is in transit, and where nothing is, the transfer is done or cancelled. Each attempt was posted once.',
    statement: sql(`
      WITH moved AS (
        SELECT l.transfer_id AS id, l.line, move ->> 'lot' AS lot, move ->> 'what' AS what, (move ->> 'attempt')::int AS attempt,
          move ->> 'position' AS position,
          (move ->> 'quantity')::numeric * CASE move ->> 'what' WHEN 'shipped' THEN 1 ELSE -1 END AS quantity
        FROM transfer_lines l CROSS JOIN jsonb_array_elements(l.moves) AS move),
      lots AS (SELECT id, line, lot, sum(quantity) AS in_transit FROM moved GROUP BY id, line, lot)
      SELECT t.number, t.status, lots.line, lots.in_transit::text AS wrong FROM transfers t JOIN lots USING (id)
      WHERE lots.in_transit < 0 OR (t.status IN ('draft', 'waiting', 'done', 'cancelled') AND lots.in_transit <> 0)
      UNION ALL
      SELECT t.number, t.status, NULL, 'nothing is in transit' FROM transfers t
      WHERE t.status = 'in_transit' AND NOT EXISTS (SELECT 1 FROM lots WHERE lots.id = t.id AND lots.in_transit > 0)
      UNION ALL
      SELECT t.number, t.status, NULL, 'nothing was posted' FROM transfers t
      WHERE t.status = 'done' AND NOT EXISTS (SELECT 1 FROM moved WHERE moved.id = t.id)
      UNION ALL
      SELECT t.number, t.status, NULL, 'attempt ' || moved.attempt FROM transfers t JOIN moved USING (id)
      GROUP BY t.id, t.number, t.status, t.attempt, moved.attempt
      HAVING count(DISTINCT moved.position) > 1 OR moved.attempt > t.attempt`),
  },
  {
    name: 'picking-packages-hold-what-is-picked',
    summary:
      'Of a line and lot of a delivery its packages have no more than is picked, unless they say so; what is shipped is in closed packages, all of it or none.',
    statement: sql(`
      WITH packed AS (
        SELECT p.delivery AS id, l.document_line AS line, l.sku, coalesce(l.lot, '') AS lot, sum(l.quantity) AS quantity,
          count(*) FILTER (WHERE p.problem IS NULL) AS silent
        FROM packages p JOIN package_lines l ON l.package_id = p.id WHERE p.status <> 'cancelled'
        GROUP BY p.delivery, l.document_line, l.sku, coalesce(l.lot, '')),
      picked AS (
        SELECT d.id, l.line, l.sku, coalesce(pick ->> 'lot', '') AS lot, sum((pick ->> 'picked')::numeric) AS quantity
        FROM deliveries d JOIN delivery_lines l ON l.delivery_id = d.id CROSS JOIN jsonb_array_elements(l.picks) AS pick
        WHERE d.packed AND (pick ->> 'picked')::numeric > 0 GROUP BY d.id, l.line, l.sku, coalesce(pick ->> 'lot', ''))
      SELECT d.number, d.status, line, sku, lot, packed.quantity AS packed, picked.quantity AS picked
      FROM packed FULL JOIN picked USING (id, line, sku, lot) JOIN deliveries d USING (id)
      WHERE (coalesce(packed.quantity, 0) > coalesce(picked.quantity, 0) AND silent > 0 AND d.status <> 'cancelled')
        OR (d.status IN ('posting', 'done') AND packed.quantity IS DISTINCT FROM picked.quantity
          AND EXISTS (SELECT FROM packages p WHERE p.delivery = d.id AND p.status <> 'cancelled'))`),
  },
  {
    name: 'picking-packages-end-with-their-deliveries',
    summary:
      'A package is shipped if and only if its delivery is, unless it was cancelled; its delivery knows that it has packages.',
    statement: sql(`
      SELECT p.number, p.status, d.number AS delivery, d.status AS "deliveryStatus", d.packed
      FROM packages p JOIN deliveries d ON d.id = p.delivery
      WHERE (p.open AND (NOT d.packed OR d.status IN ('done', 'cancelled')))
        OR (p.status = 'open' AND d.status = 'posting')
        OR (p.status = 'shipped' AND d.status <> 'done')`),
  },
  {
    name: 'picking-sscc-serials-gapless',
    summary:
      'Every serial reference of an SSCC that was taken belongs to one package, but for those that are counted as left out.',
    statement: sql(`
      SELECT prefix, c.last, c.skipped, count(p.id) AS packages FROM sscc_counters c
      FULL JOIN packages p ON p.company_prefix = c.prefix
      WHERE prefix IS NOT NULL OR p.company_prefix IS NOT NULL
      GROUP BY prefix, c.last, c.skipped HAVING c.last IS DISTINCT FROM count(p.id) + c.skipped`),
  },
]
