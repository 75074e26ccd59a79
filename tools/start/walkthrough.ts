/** Texts of `start` when all is ready: addresses, logins, and a first receipt to paste. */
import type { DemoSecrets } from './services.ts'

const users = ['manager', 'supervisor', 'user', 'admin']

const stopping = 'Ctrl-C stops everything. The data stays.'

function logins(base: string, demo: DemoSecrets): string {
  return `Stockline is at ${base}
  reference      ${base}/picking/v1/docs  (and /identity, /stock, /valuation)
  users          ${users.join(', ')}: each with the password ${demo.password}
  service client erp, with the secret ${demo.clientSecret}`
}

/** Addresses and logins, for those who have seen the walk-through. */
export function reminder(base: string, demo: DemoSecrets): string {
  return `${logins(base, demo)}\n\nThe walk-through is in README.md. ${stopping}`
}

/** Addresses, logins and the walk-through, as printed at the first start. */
export function walkthrough(base: string, demo: DemoSecrets): string {
  return `${logins(base, demo)}

A first receipt: paste this into a second terminal.

${firstReceipt(base, demo)}
${stopping}`
}

/**
 * The first receipt as lines for a shell with curl: an order comes in, is counted and validated, and the books show it.
 * It can be pasted again and again, since each time it is another order.
 */
export function firstReceipt(base: string, demo: DemoSecrets): string {
  // Within single quotes of the shell, and for the password within quotes of JSON, too.
  const password = quoted(JSON.stringify(demo.password))
  const secret = `'${quoted(demo.clientSecret)}'`
  return `at=${base}
${shellFunctions}key() { node -p 'crypto.randomUUID()'; }
login() { curl -s $at/identity/v1/sessions -H 'Content-Type: application/json' -d '{"username":"'$1'","password":${password}}' | json accessToken; }

echo 'Who is who: the purchase system, an operator, a manager. Their tokens live five minutes; these lines get new ones.'
erp=$(curl -s $at/identity/v1/tokens -d grant_type=client_credentials -d client_id=erp --data-urlencode client_secret=${secret} | json access_token)
operator=$(login user); manager=$(login manager)

echo 'The purchase system says: this order is confirmed.'
order=PO-$(node -p 'Date.now()')
curl -s $at/picking/v1/events -H "Authorization: Bearer $erp" -H 'Content-Type: application/cloudevents+json' -d '{
  "specversion": "1.0", "id": "'$order'-1", "source": "/erp/purchase", "type": "purchasing.order-confirmed.v1", "subject": "'$order'",
  "data": { "orderNumber": "'$order'", "warehouse": "WH", "vendor": { "code": "ACME", "name": "Acme Supplies" }, "scheduledDate": "'$(date +%F)'",
            "currency": "USD", "lines": [ { "line": 1, "sku": "RM-A", "quantity": "100", "unit": "kg", "unitPrice": "2.50" },
                                          { "line": 2, "sku": "RM-B", "quantity": "50", "unit": "kg", "unitPrice": "4.00" } ] } }'

echo 'A receipt appears among the work of the operator ...'
receipt=$(soon "picking/v1/receipts?source=$order" "$operator" 'items[0]?.id')
version=$(curl -s $at/picking/v1/receipts/$receipt -H "Authorization: Bearer $operator" | json version)

echo '... who counts what came ...'
version=$(curl -s -X PATCH $at/picking/v1/receipts/$receipt/lines -H "Authorization: Bearer $operator" -H "Idempotency-Key: $(key)" -H "If-Match: \\"$version\\"" \\
  -H 'Content-Type: application/json' -d '{ "entries": [ { "line": 1, "quantity": "100" }, { "line": 2, "quantity": "50" } ] }' | json version)

echo '... and validates: the stock moves.'
number=$(curl -s -X POST $at/picking/v1/receipts/$receipt/validate -H "Authorization: Bearer $operator" -H "Idempotency-Key: $(key)" -H "If-Match: \\"$version\\"" \\
  -H 'Prefer: wait=5' -H 'Content-Type: application/json' -d '{}' | json number)
curl -s "$at/stock/v1/quants?sku=RM-A" -H "Authorization: Bearer $operator"; echo

echo 'The books: goods against what is not invoiced yet.'
entry=$(soon "valuation/v1/journal-entries?document=$number" "$manager" 'items[0]?.number')
curl -s "$at/valuation/v1/journal-entries?document=$number" -H "Authorization: Bearer $manager"; echo
`
}

/** `json` takes a value out of an answer, or prints what is wrong; `soon` repeats a request until a value is there, for ten seconds at most. */
const shellFunctions = String.raw`json() { node -e 'let said; try { said = JSON.parse(fs.readFileSync(0)) } catch { said = { status: 503, detail: "There was no answer." } }
  if (said.status >= 400) { console.error(said.detail); process.exit(1) }
  console.log(eval("said." + process.argv[1]) ?? "")' "$1"; }
soon() { for try in $(seq 50); do found=$(curl -s "$at/$1" -H "Authorization: Bearer $2" | json "$3") || return 1
  if [ "$found" ]; then echo "$found"; return; fi; sleep 0.2; done; echo "$1 is still empty" >&2; return 1; }
`

/** Text to stand between single quotes of the shell. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''")
}

/** Without demo data, when there is an administrator. */
export function administered(base: string): string {
  return `Stockline is at ${base}. Log in as your administrator.\n${stopping}`
}

/** Without demo data: how the first administrator is made. */
export function firstAdministrator(base: string, code: string): string {
  const body = `{"code":"${code}","username":"admin","name":"First Administrator","password":"choose a long one"}`
  return `Stockline is at ${base}, without any data.

The one-time code for the first administrator is ${code}
Until there is one, this makes it (choose name and password):

curl -s ${base}/identity/v1/first-administrator -H 'Content-Type: application/json' -d '${body}'

${stopping}`
}
