/**
 * `node tools/figures/main.ts [REVISION…]`: counts of the code, of the working tree or of revisions, side by side.
 * `--mutants COUNT [--seed SEED] [--minutes MINUTES] [--only TEXT]` changes lines of rules, one at a time, in memory, and tells
 * which of them no rule test notices; with a COUNT of as many as there are, or more, all of them. Writes nothing here.
 */
import { parseArgs } from 'node:util'
import { figuresOf } from './counts.ts'
import { sampleMutants } from './sample.ts'
import { commitOf, readTree } from './tree.ts'

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      mutants: { type: 'string' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '15' },
      only: { type: 'string', default: '' },
    },
  })
  if (values.mutants === undefined) tell(positionals)
  else {
    const [count, seed, minutes] = [values.mutants, values.seed, values.minutes].map(Number)
    if (![count, seed, minutes].every((one) => Number.isInteger(one) && (one ?? 0) > 0))
      throw new Error('--mutants, --seed and --minutes are whole numbers above zero.')
    const options = { count: count ?? 0, seed: seed ?? 0, minutes: minutes ?? 0, only: values.only }
    process.exitCode = await sampleMutants(options, (line) => console.log(line))
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}

/** The figures of each revision in a column of its own. */
function tell(revisions: readonly string[]): void {
  const columns = (revisions.length === 0 ? [undefined] : revisions).map((revision) => ({
    title: revision === undefined ? 'working tree' : commitOf(revision).slice(0, 7),
    figures: figuresOf(readTree(revision)),
  }))
  const rows = (columns[0]?.figures ?? []).map(([what], index) => [
    what,
    ...columns.map(({ figures }) => figures[index]?.[1] ?? ''),
  ])
  const heads = ['', ...columns.map(({ title }) => title)]
  const widths = heads.map((head, index) => Math.max(head.length, ...rows.map((row) => (row[index] ?? '').length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join(' | ')} |`
  console.log(line(heads))
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of rows) console.log(line(row))
}
