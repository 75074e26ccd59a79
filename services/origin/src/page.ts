/** The page at `/`: what is where. */

/** What the page shows. */
export interface Overview {
  readonly ready: boolean
  readonly services: readonly string[]
}

const questions: Readonly<Record<string, string>> = {
  identity: 'who may do what: users, groups, sessions, service clients',
  stock: 'what is where: products, locations, the ledger, reservations',
  picking: 'work on the floor: receipts and deliveries',
  valuation: 'what it is worth: cost layers and journal entries',
}

/** The page as HTML. */
export function overviewPage(overview: Overview): string {
  const rows = overview.services.map(
    (name) => `<tr><td><a href="/${name}/v1/docs">/${name}</a></td><td>${questions[name] ?? ''}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stockline</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #1b1f24 }
  td { padding: .3rem 1.5rem .3rem 0; vertical-align: top }
</style>
<h1>Stockline</h1>
<p>An inventory system: ${overview.ready ? 'ready' : '<strong>not ready yet</strong>'}
  (<a href="/health/ready">details</a>). Each service has its reference below its prefix.</p>
<table>${rows.join('\n')}</table>
</html>
`
}
