/**
 * `pnpm start`: the whole system on one machine, with nothing but Node. Starts what is needed, keeps it running, and
 * stops all of it in order.
 */
import { CannotStart } from './settings.ts'
import { start } from './start.ts'
import { asksForUsage, usage } from './usage.ts'

const oldestNode = 24

function checkRuntime(): void {
  const version = process.versions.node
  if (Number(version.split('.')[0]) < oldestNode) {
    throw new CannotStart(
      `Stockline needs Node ${oldestNode} or newer; this is Node ${version}. On Linux and Windows the right one is ` +
        'installed along: run npx -y pnpm@10 start. On a Mac install Node 24 or newer first.',
    )
  }
  if (process.platform === 'win32' && process.env['WSL_DISTRO_NAME'] === undefined) {
    throw new CannotStart('Stockline starts on Linux, on macOS, and on Windows within WSL.')
  }
}

// A reader that goes away (`start | head`) is no reason to stop the warehouse.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

try {
  if (asksForUsage(process.argv.slice(2))) process.stdout.write(`${usage}\n`)
  else {
    checkRuntime()
    process.exitCode = await start(process.env, process.env['INIT_CWD'] ?? process.cwd())
  }
} catch (error) {
  const text =
    error instanceof CannotStart
      ? error.message
      : `Unexpected: ${error instanceof Error ? String(error.stack) : String(error)}`
  process.stderr.write(`\n${text}\n`)
  process.exitCode = 1
}
// Timers of libraries must not keep an ended system's process alive.
process.exit()
