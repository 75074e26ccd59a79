/** `node services/valuation/src/reconcile.ts`: puts valuation right after its database fell back. See docs/operations.md. */
import { reconcileService } from '@stockline/service-kit'
import { valuation } from './app.ts'
import { restoreValuation } from './inputs/input.restore.actions.ts'

await reconcileService(valuation, restoreValuation)
