/** What must never be so in valuation: each statement gives the offending rows. */
import { sql, type Invariant } from '@stockline/service-kit'

const inventory = `select id from accounts where role = 'inventory'`

const received = `select id from accounts where role = 'grni'`

/** The local invariants of valuation. */
export const invariants: readonly Invariant[] = [
  {
    name: 'entries_balanced',
    summary: 'Every entry has lines, and what they debit and credit is its total.',
    statement: sql(`
      select entry.id, entry.number, entry.total, lines.total as lines from entries as entry
      left join (select entry, sum(amount) as total from entry_lines group by entry) as lines on lines.entry = entry.id
      where lines.total is distinct from entry.total`),
  },
  {
    name: 'inventory_account_is_sum_of_layers',
    summary: 'What the inventory account says of a product is what its pool is worth.',
    statement: sql(`
      select product_id, coalesce(account.value, 0) as account, coalesce(pool.value, 0) as pool
      from (
        select product_id, sum(case when debit in (${inventory}) then amount else -amount end) as value
        from entry_lines where product_id is not null and (debit in (${inventory}) or credit in (${inventory}))
        group by product_id
      ) as account full join cost_pools as pool using (product_id)
      where coalesce(account.value, 0) <> coalesce(pool.value, 0)`),
  },
  {
    name: 'inventory_total_is_sum_of_pools',
    summary: 'The running balance of the inventory account is the sum of the pools.',
    statement: sql(`
      select inventory_value, (select coalesce(sum(value), 0) from cost_pools) as pools from books
      where inventory_value <> (select coalesce(sum(value), 0) from cost_pools)`),
  },
  {
    name: 'one_original_entry_per_valued_document',
    summary: 'Every document that crosses the border of owned stock has its one entry or is parked, never both.',
    statement: sql(`
      select input.number, input.position, entry.number as entry, parked.input as parked from inputs as input
      left join entries as entry on entry.input = input.number and entry.original
      left join parked_documents as parked on parked.input = input.number
      where case when input.crosses_border then (entry.id is null) = (parked.input is null)
        else entry.id is not null or parked.input is not null end`),
  },
  {
    name: 'positions_gapless',
    summary: 'Inputs, ledger positions and entries are counted without gaps, up to where the books say.',
    statement: sql(`
      select * from (
        select 'inputs' as what, count(*) as found, coalesce(max(number), 0) as last, (select last_input from books) as expected
        from inputs
        union all
        select 'positions', count(position), coalesce(max(position), 0), (select last_position from books) from inputs
        union all
        select 'entries', count(*), coalesce(max(id), 0), (select last_entry from books) from entries
      ) as counted where found <> last or last <> expected`),
  },
  {
    name: 'entry_numbers_gapless_per_year',
    summary: 'The numbers of a year are without gaps.',
    statement: sql(`
      select split_part(number, '/', 1) as year, count(*) as entries, max(split_part(number, '/', 2)::int) as last
      from entries group by 1 having count(*) <> max(split_part(number, '/', 2)::int)`),
  },
  {
    name: 'open_layers_are_the_pool',
    summary: 'The open layers of a product under FIFO are its pool; under another method none is open.',
    statement: sql(`
      select pool.sku, pool.method, pool.quantity, pool.value, layers.quantity as layers, layers.value as layers_value
      from cost_pools as pool left join (
        select product_id, sum(remaining_quantity) as quantity, sum(remaining_value) as value
        from cost_layers where remaining_quantity > 0 group by product_id
      ) as layers using (product_id)
      where coalesce(layers.quantity, 0) <> case when pool.method = 'fifo' then greatest(pool.quantity, 0) else 0 end
        or coalesce(layers.value, 0) <> case when pool.method = 'fifo' and pool.quantity > 0 then pool.value else 0 end`),
  },
  {
    name: 'parts_sum_to_the_order_line',
    summary: "What is booked of an order's line is the sum of its parts, and the rounded value of all that has come.",
    statement: sql(`
      select line.source, line.order_number, line.order_line, line.product_id, line.value, parts.value as parts
      from order_lines as line left join (
        select part_of, sum(case when credit in (${received}) then amount when debit in (${received}) then -amount else 0 end)
          as value
        from entry_lines where part_of is not null group by part_of
      ) as parts on parts.part_of = line.opened_by
      where line.value is distinct from parts.value
        or 2 * abs(line.value * line.exact_denominator * 1e16 - line.exact_numerator)
          > line.exact_denominator * 1e16 * power(10::numeric, -scale(line.value))`),
  },
  {
    name: 'pools_follow_their_category',
    summary: "Every pool is kept by the cost method of its product's category.",
    statement: sql(`
      select pool.sku, pool.category, pool.method, methods.method as wanted
      from cost_pools as pool left join cost_methods as methods using (category)
      where pool.method <> coalesce(methods.method, 'average')`),
  },
  {
    name: 'parked_count_is_right',
    summary: 'The books know how many documents are parked.',
    statement: sql(`
      select parked_count, (select count(*) from parked_documents) as parked from books
      where parked_count <> (select count(*) from parked_documents)`),
  },
]
