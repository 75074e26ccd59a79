import './jest-setup.ts'

/** Stops what the setup started. */
async function teardown(): Promise<void> {
  await globalThis.stocklineTestServer?.stop()
}

export { teardown as default }
