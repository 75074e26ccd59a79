CREATE TABLE "deliveries" (
  "id" UUID NOT NULL,
  "number" TEXT NOT NULL,
  "warehouse" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "order_id" UUID,
  "order_revision" INTEGER,
  "source" TEXT,
  "customer_code" TEXT,
  "customer_name" TEXT,
  "scheduled_date" DATE,
  "priority" INTEGER NOT NULL,
  "allow_partial" BOOLEAN NOT NULL,
  "ordered_at" TIMESTAMPTZ(6) NOT NULL,
  "locations" TEXT[] NOT NULL,
  "problem" TEXT,
  "waits_for" TEXT[] NOT NULL,
  "picked_by" TEXT[] NOT NULL,
  "scan_location" TEXT,
  "need_revision" INTEGER NOT NULL,
  "remainder" TEXT,
  "effective_at" TIMESTAMPTZ(6),
  "attempt" INTEGER NOT NULL,
  "returns_to" TEXT,
  "backorder_of" UUID,
  "position" BIGINT,
  "version" INTEGER NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  -- Changes once, at the end. An index on the status itself would make every step write all indexes anew.
  "open" BOOLEAN NOT NULL
    GENERATED ALWAYS AS ("status" IN ('draft', 'waiting', 'ready', 'in_progress', 'posting')) STORED,
  CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "deliveries_status_check"
    CHECK ("status" IN ('draft', 'waiting', 'ready', 'in_progress', 'posting', 'done', 'cancelled')),
  CONSTRAINT "deliveries_done_check" CHECK (("status" = 'done') = ("position" IS NOT NULL)),
  CONSTRAINT "deliveries_posting_check" CHECK (("status" = 'posting') = ("returns_to" IS NOT NULL)),
  -- What waits for stock has told stock what it needs.
  CONSTRAINT "deliveries_need_check" CHECK ("status" IN ('draft', 'cancelled') OR "need_revision" >= 1)
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX "deliveries_number_key" ON "deliveries" ("number");
CREATE INDEX "deliveries_source_idx" ON "deliveries" ("source");
CREATE INDEX "deliveries_order_id_idx" ON "deliveries" ("order_id");
CREATE INDEX "deliveries_backorder_of_idx" ON "deliveries" ("backorder_of");
CREATE INDEX "deliveries_waits_for_idx" ON "deliveries" USING GIN ("waits_for") WHERE "waits_for" <> '{}';
-- What is open is little; what is done grows for ever.
CREATE INDEX "deliveries_open_idx" ON "deliveries" ("scheduled_date", "id") WHERE "open";

CREATE TABLE "delivery_lines" (
  "delivery_id" UUID NOT NULL,
  "line" INTEGER NOT NULL,
  "sku" TEXT NOT NULL,
  "order_line" INTEGER,
  "quantity" DECIMAL(20, 6) NOT NULL,
  "unit" TEXT NOT NULL,
  "needed" DECIMAL(20, 6),
  "picks" JSONB NOT NULL,
  CONSTRAINT "delivery_lines_pkey" PRIMARY KEY ("delivery_id", "line"),
  CONSTRAINT "delivery_lines_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "deliveries" ("id"),
  CONSTRAINT "delivery_lines_amounts_check" CHECK ("quantity" >= 0 AND "needed" >= 0)
) WITH (fillfactor = 60);
