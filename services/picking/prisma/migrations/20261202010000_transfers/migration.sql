CREATE TABLE "transfers" (
  "id" UUID NOT NULL,
  "number" TEXT NOT NULL,
  "warehouse" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "destination" TEXT NOT NULL,
  "scheduled_date" DATE,
  "note" TEXT,
  "locations" TEXT[] NOT NULL,
  "problem" TEXT,
  "confirmed_at" TIMESTAMPTZ(6),
  "asked" TEXT,
  "effective_at" TIMESTAMPTZ(6),
  "attempt" INTEGER NOT NULL,
  "position" BIGINT,
  "version" INTEGER NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  "open" BOOLEAN NOT NULL GENERATED ALWAYS AS ("status" IN ('draft', 'waiting', 'posting', 'in_transit')) STORED,
  CONSTRAINT "transfers_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "transfers_status_check"
    CHECK ("status" IN ('draft', 'waiting', 'posting', 'in_transit', 'done', 'cancelled')),
  CONSTRAINT "transfers_done_check" CHECK (("status" = 'done') = ("position" IS NOT NULL)),
  CONSTRAINT "transfers_asked_check" CHECK (("status" IN ('posting', 'waiting')) = ("asked" IS NOT NULL))
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX "transfers_number_key" ON "transfers" ("number");
CREATE INDEX "transfers_created_at_id_idx" ON "transfers" ("created_at", "id");
CREATE INDEX "transfers_number_order_idx" ON "transfers" ("number" COLLATE "C");
CREATE INDEX "transfers_open_created_at_idx" ON "transfers" ("created_at", "id") WHERE "open";
CREATE INDEX "transfers_open_idx" ON "transfers" ("scheduled_date", "id") WHERE "open";

CREATE TABLE "transfer_lines" (
  "transfer_id" UUID NOT NULL,
  "line" INTEGER NOT NULL,
  "sku" TEXT NOT NULL,
  "quantity" DECIMAL(20, 6) NOT NULL,
  "unit" TEXT NOT NULL,
  "lot" TEXT,
  "base_unit" TEXT NOT NULL,
  "from_location" TEXT,
  "to_location" TEXT,
  "moves" JSONB NOT NULL,
  CONSTRAINT "transfer_lines_pkey" PRIMARY KEY ("transfer_id", "line"),
  CONSTRAINT "transfer_lines_quantity_check" CHECK ("quantity" > 0),
  CONSTRAINT "transfer_lines_relocation_check" CHECK (("from_location" IS NULL) = ("to_location" IS NULL))
) WITH (fillfactor = 60);
