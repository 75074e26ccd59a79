/** Which build this is: shown in the log, in the metrics, and on the image's labels. */
import { readFileSync } from 'node:fs'
import type { Environment } from './config.files.ts'

/** The version of a release, and the commit that it was built from; `unknown` where it is not set. */
export interface Build {
  readonly version: string
  readonly revision: string
}

const manifest = new URL('../../../../package.json', import.meta.url)

/**
 * The build by `STOCKLINE_VERSION` and `STOCKLINE_REVISION`, which an image sets as it is built. Without the first, the
 * version of the root `package.json`.
 */
export function buildOf(environment: Environment): Build {
  return {
    version: environment['STOCKLINE_VERSION'] || releaseVersion(),
    revision: environment['STOCKLINE_REVISION'] || 'unknown',
  }
}

/** The version of this checkout, whatever the build is called; `unknown` where its `package.json` is missing. */
export function releaseVersion(): string {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version?: string }).version ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
