/** Packages of deliveries, as picking publishes them: each time the whole of one. Pure. */
import type { PackageChanged } from '@stockline/contracts'

/** A package as it was published, and the number of that event among those of the package. */
export interface PackageTold {
  readonly data: PackageChanged
  readonly sequence: bigint
}

/** A package as scans show it. */
export interface ScannedPackage {
  readonly sscc: string
  readonly number: string
  readonly status: PackageChanged['status']
  /** Number of the delivery. */
  readonly document: string
  /** The first lines of what is in it. */
  readonly contents: readonly {
    readonly documentLine: number
    readonly sku: string
    readonly lot: string | null
    readonly quantity: string
    readonly unit: string
  }[]
  /** So many lines more are in it. */
  readonly more: number
}

/** Of each package what was published last, whatever order that is given in; of equal ones the later. */
export function lastTold(told: readonly PackageTold[]): readonly PackageTold[] {
  const last = new Map<string, PackageTold>()
  for (const one of told) {
    const before = last.get(one.data.documentId)
    if (before === undefined || before.sequence <= one.sequence) last.set(one.data.documentId, one)
  }
  return [...last.values()]
}

/** What is in a package, a row for each line: one that stands there twice is as it stands last. */
export function linesTold({ data }: PackageTold): readonly PackageChanged['lines'][number][] {
  return [...new Map(data.lines.map((line) => [line.line, line])).values()]
}
