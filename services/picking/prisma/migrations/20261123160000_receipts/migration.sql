-- Local copies of stock's master data.
CREATE TABLE "products" (
  "product_id" UUID NOT NULL,
  "sku" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "unit" TEXT NOT NULL,
  "unit_decimals" INTEGER NOT NULL,
  "units" JSONB NOT NULL,
  "category" TEXT NOT NULL,
  "tracking" TEXT NOT NULL,
  "barcodes" JSONB NOT NULL,
  "receipt_tolerance" DECIMAL(5, 2) NOT NULL,
  "active" BOOLEAN NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "products_pkey" PRIMARY KEY ("product_id")
);
CREATE UNIQUE INDEX "products_sku_key" ON "products" ("sku");
-- A scanned barcode finds its product.
CREATE INDEX "products_barcodes_idx" ON "products" USING GIN ("barcodes" jsonb_path_ops);

CREATE TABLE "units" (
  "code" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "decimals" INTEGER NOT NULL,
  "reference" TEXT,
  "numerator" BIGINT,
  "denominator" BIGINT,
  CONSTRAINT "units_pkey" PRIMARY KEY ("code"),
  CONSTRAINT "units_reference_check" CHECK (
    ("reference" IS NULL) = ("numerator" IS NULL) AND ("numerator" IS NULL) = ("denominator" IS NULL)
  )
);

CREATE TABLE "warehouses" (
  "code" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "default_receipt_location" TEXT,
  "active" BOOLEAN NOT NULL,
  CONSTRAINT "warehouses_pkey" PRIMARY KEY ("code")
);

CREATE TABLE "locations" (
  "location_id" UUID NOT NULL,
  "code" TEXT NOT NULL,
  "warehouse" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "reservable" BOOLEAN NOT NULL,
  "allow_negative" BOOLEAN NOT NULL,
  "pick_sequence" INTEGER NOT NULL,
  "barcode" TEXT,
  "active" BOOLEAN NOT NULL,
  CONSTRAINT "locations_pkey" PRIMARY KEY ("location_id")
);
CREATE UNIQUE INDEX "locations_code_key" ON "locations" ("code");
CREATE INDEX "locations_barcode_idx" ON "locations" ("barcode");

CREATE TABLE "assignments" (
  "user_id" TEXT NOT NULL,
  "locations" TEXT[] NOT NULL,
  CONSTRAINT "assignments_pkey" PRIMARY KEY ("user_id")
);

-- Orders as their systems last told them.
CREATE TABLE "orders" (
  "id" UUID NOT NULL,
  "kind" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "order_number" TEXT NOT NULL,
  "revision" INTEGER NOT NULL,
  "fingerprint" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "content" JSONB NOT NULL,
  "confirmed_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "orders_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "orders_kind_check" CHECK ("kind" IN ('purchase', 'sale')),
  CONSTRAINT "orders_status_check" CHECK ("status" IN ('open', 'cancelled'))
);
CREATE UNIQUE INDEX "orders_kind_source_order_number_key" ON "orders" ("kind", "source", "order_number");

CREATE TABLE "numbers" (
  "warehouse" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "last" BIGINT NOT NULL,
  CONSTRAINT "numbers_pkey" PRIMARY KEY ("warehouse", "type")
);

CREATE TABLE "history" (
  "id" BIGSERIAL NOT NULL,
  "document_id" UUID NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "actor_id" TEXT,
  "actor_name" TEXT,
  "what" TEXT NOT NULL,
  "why" TEXT,
  "mark" TEXT,
  CONSTRAINT "history_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "history_document_id_id_idx" ON "history" ("document_id", "id");

CREATE TABLE "receipts" (
  "id" UUID NOT NULL,
  "number" TEXT NOT NULL,
  "warehouse" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "order_id" UUID,
  "order_revision" INTEGER,
  "source" TEXT,
  "vendor_code" TEXT,
  "vendor_name" TEXT,
  "scheduled_date" DATE,
  "currency" TEXT NOT NULL,
  "destination" TEXT NOT NULL,
  "locations" TEXT[] NOT NULL,
  "problem" TEXT,
  "waits_for" TEXT[] NOT NULL,
  "counted_by" TEXT[] NOT NULL,
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
  "open" BOOLEAN NOT NULL GENERATED ALWAYS AS ("status" IN ('draft', 'in_progress', 'in_review', 'posting')) STORED,
  CONSTRAINT "receipts_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "receipts_status_check"
    CHECK ("status" IN ('draft', 'in_progress', 'in_review', 'posting', 'done', 'cancelled')),
  CONSTRAINT "receipts_done_check" CHECK (("status" = 'done') = ("position" IS NOT NULL)),
  CONSTRAINT "receipts_posting_check" CHECK (("status" = 'posting') = ("returns_to" IS NOT NULL))
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX "receipts_number_key" ON "receipts" ("number");
CREATE INDEX "receipts_source_idx" ON "receipts" ("source");
CREATE INDEX "receipts_order_id_idx" ON "receipts" ("order_id");
CREATE INDEX "receipts_backorder_of_idx" ON "receipts" ("backorder_of");
CREATE INDEX "receipts_waits_for_idx" ON "receipts" USING GIN ("waits_for") WHERE "waits_for" <> '{}';
-- What is open is little; what is done grows for ever.
CREATE INDEX "receipts_open_idx" ON "receipts" ("scheduled_date", "id") WHERE "open";

CREATE TABLE "receipt_lines" (
  "receipt_id" UUID NOT NULL,
  "line" INTEGER NOT NULL,
  "sku" TEXT NOT NULL,
  "order_line" INTEGER,
  "expected" DECIMAL(20, 6) NOT NULL,
  "unit" TEXT NOT NULL,
  "received" DECIMAL(20, 6),
  "unit_price" DECIMAL(24, 10),
  "unit_cost" DECIMAL(24, 10),
  "entries" JSONB,
  CONSTRAINT "receipt_lines_pkey" PRIMARY KEY ("receipt_id", "line"),
  CONSTRAINT "receipt_lines_receipt_id_fkey" FOREIGN KEY ("receipt_id") REFERENCES "receipts" ("id"),
  CONSTRAINT "receipt_lines_amounts_check" CHECK ("expected" >= 0 AND "received" >= 0),
  CONSTRAINT "receipt_lines_counted_check" CHECK (("entries" IS NULL) = ("received" IS NULL))
) WITH (fillfactor = 60);
