/** The browsable reference at `/v1/docs`: Swagger UI from this machine, nothing from elsewhere. */
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Express } from 'express'
import { send } from './endpoint.answer.ts'

const require = createRequire(import.meta.url)
const folder = dirname(require.resolve('swagger-ui-dist/package.json'))
const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"

const startScript = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#reference', deepLinking: true, docExpansion: 'none' })
`

/** Serves the OpenAPI document and the page that shows it. Both are public: they hold no secret. */
export function mountDocs(app: Express, title: string, document: () => unknown): void {
  let text: string | undefined
  app.get('/v1/openapi.json', (_request, response) => {
    text ??= JSON.stringify(document())
    send(response, 200, {}, 'application/json; charset=utf-8', text)
  })
  // Addresses in the page are relative, so that it works behind any prefix.
  app.get('/v1/docs', (request, response) => {
    // Below a slash they would lead elsewhere. So is this one relative: it keeps whatever prefix the caller sees.
    if (request.path.endsWith('/')) {
      send(response, 308, { Location: '../docs' }, undefined, '')
      return
    }
    send(response, 200, { 'Content-Security-Policy': contentSecurityPolicy }, 'text/html; charset=utf-8', page(title))
  })
  app.get('/v1/docs/start.js', (_request, response) => {
    send(response, 200, {}, 'text/javascript; charset=utf-8', startScript)
  })
  for (const [name, mediaType] of Object.entries(assets))
    app.get(`/v1/docs/${name}`, (_request, response) => {
      response.writeHead(200, {
        'Content-Type': mediaType,
        'Cache-Control': 'public, max-age=3600',
        'X-Content-Type-Options': 'nosniff',
      })
      createReadStream(join(folder, name))
        .on('error', () => response.destroy())
        .pipe(response)
    })
}

function page(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
