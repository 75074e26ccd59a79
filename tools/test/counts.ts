/** How many tests ended how. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The line that a run ends with. */
function countingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** Reads what the reporter wrote. Throws when it is not that. */
export function parseCounts(text: string): Counts {
  const { passed, failed, skipped } = JSON.parse(text) as Partial<Record<keyof Counts, unknown>>
  if (typeof passed !== 'number' || typeof failed !== 'number' || typeof skipped !== 'number') {
    throw new Error('these are no counts')
  }
  return { passed, failed, skipped }
}

/** Ends a program of tests: prints the line, which comes last, and sets the exit code. */
export function end(counts: Counts): void {
  process.exitCode = counts.failed === 0 ? 0 : 1
  console.log(countingLine(counts))
}
