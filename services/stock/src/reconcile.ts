/** `node services/stock/src/reconcile.ts`: puts stock right after its database fell back. See docs/operations.md. */
import { stockDocumentPosted } from '@stockline/contracts'
import { reconcileService } from '@stockline/service-kit'
import { stock } from './app.ts'
import { restoreStock } from './restoring/restore.actions.ts'

await reconcileService(stock, restoreStock, stockDocumentPosted.topics)
