ALTER TABLE "products" ADD COLUMN "weight" DECIMAL(18, 9);
ALTER TABLE "deliveries" ADD COLUMN "packed" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "packages" (
  "id" UUID NOT NULL,
  "number" TEXT NOT NULL,
  "sscc" TEXT,
  "company_prefix" TEXT,
  "warehouse" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "type" TEXT,
  "delivery" UUID NOT NULL,
  "delivery_number" TEXT NOT NULL,
  "problem" TEXT,
  "weight" DECIMAL(26, 6),
  "places" TEXT[] NOT NULL,
  "locations" TEXT[] NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  "open" BOOLEAN NOT NULL GENERATED ALWAYS AS ("status" IN ('open', 'closed')) STORED,
  CONSTRAINT "packages_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "packages_status_check" CHECK ("status" IN ('open', 'closed', 'shipped', 'cancelled')),
  CONSTRAINT "packages_sscc_check" CHECK (("sscc" ~ '^[0-9]{18}$' AND "company_prefix" = substring("sscc" FROM 2 FOR length("company_prefix")))
      OR ("sscc" IS NULL AND "company_prefix" IS NULL AND "status" = 'cancelled'))
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX "packages_number_key" ON "packages" ("number");
CREATE UNIQUE INDEX "packages_sscc_key" ON "packages" ("sscc");
CREATE INDEX "packages_delivery_idx" ON "packages" ("delivery");
CREATE INDEX "packages_created_at_id_idx" ON "packages" ("created_at", "id");
CREATE INDEX "packages_open_created_at_idx" ON "packages" ("created_at", "id") WHERE "open";

CREATE TABLE "package_lines" (
  "package_id" UUID NOT NULL,
  "line" INTEGER NOT NULL,
  "document_line" INTEGER NOT NULL,
  "sku" TEXT NOT NULL,
  "lot" TEXT,
  "quantity" DECIMAL(20, 6) NOT NULL,
  "unit" TEXT NOT NULL,
  CONSTRAINT "package_lines_pkey" PRIMARY KEY ("package_id", "line"),
  CONSTRAINT "package_lines_quantity_check" CHECK ("quantity" > 0)
) WITH (fillfactor = 60);

-- Serial references of SSCCs that were given, by company prefix. Of these, `skipped` are of no package here.
CREATE TABLE "sscc_counters" (
  "prefix" TEXT NOT NULL,
  "last" BIGINT NOT NULL,
  "skipped" BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT "sscc_counters_pkey" PRIMARY KEY ("prefix")
);
