/** What lies in a broker's files, by Kafka's own tool. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jars, prepareJavaKafka } from './kafka.java.ts'

const run = promisify(execFile)

/** How many batches lie in these segments in which compression; undefined without files or Java. */
export async function compressionsOf(files: readonly string[]): Promise<Readonly<Record<string, number>> | undefined> {
  if (files.length === 0 || (await prepareJavaKafka()) !== undefined) return undefined
  const tool = ['-cp', join(jars, '*'), 'kafka.tools.DumpLogSegments', '--files', files.join(',')]
  const { stdout } = await run('java', tool, { maxBuffer: 64 * 1024 * 1024 })
  const counts: Record<string, number> = {}
  for (const [, codec = ''] of stdout.matchAll(/^baseOffset: .* compresscodec: (\w+)/gm))
    counts[codec] = (counts[codec] ?? 0) + 1
  return counts
}
