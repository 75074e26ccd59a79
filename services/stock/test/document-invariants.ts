/** Names of the invariants of stock's own documents, in their order: their bad data is planted where documents are made. */
export const documentInvariantNames: readonly string[] = [
  'stock-numbers-gapless',
  'stock-documents-have-history',
  'stock-adjustment-scope-is-its-places',
  'stock-count_sheet-scope-is-its-places',
  'stock-status_change-posted-has-position',
  'stock-status_change-scope-is-its-places',
  'stock-scrap-posted-has-position',
  'stock-scrap-scope-is-its-places',
  'adjustment_posted_iff_moved',
  'adjustment_differences_are_moves',
  'count_results_are_lines_of_done_sheets',
]
