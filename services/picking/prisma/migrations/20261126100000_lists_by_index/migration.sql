-- Lists come in the order of an index, page by page, however long the history. Numbers are ordered byte by byte whatever
-- the database's own order is, so the key that finds one does not serve.
CREATE INDEX "receipts_created_at_id_idx" ON "receipts" ("created_at", "id");
CREATE INDEX "receipts_number_order_idx" ON "receipts" ("number" COLLATE "C");
-- Lists by a status that is open must not walk through all that is done.
CREATE INDEX "receipts_open_created_at_idx" ON "receipts" ("created_at", "id") WHERE "open";

CREATE INDEX "deliveries_created_at_id_idx" ON "deliveries" ("created_at", "id");
CREATE INDEX "deliveries_number_order_idx" ON "deliveries" ("number" COLLATE "C");
CREATE INDEX "deliveries_open_created_at_idx" ON "deliveries" ("created_at", "id") WHERE "open";
