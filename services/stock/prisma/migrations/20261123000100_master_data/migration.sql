CREATE TABLE units (
  code text PRIMARY KEY,
  name text NOT NULL,
  decimals integer NOT NULL CHECK (decimals BETWEEN 0 AND 6),
  reference text REFERENCES units (code) ON UPDATE RESTRICT ON DELETE RESTRICT,
  numerator bigint CHECK (numerator > 0),
  denominator bigint CHECK (denominator > 0),
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz(3) NOT NULL,
  CHECK (num_nulls(reference, numerator, denominator) IN (0, 3)),
  CHECK (reference <> code)
);
CREATE INDEX units_reference_idx ON units (reference);

CREATE TABLE products (
  id uuid PRIMARY KEY,
  sku text NOT NULL,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('stockable', 'consumable', 'service')),
  unit text NOT NULL REFERENCES units (code) ON UPDATE RESTRICT ON DELETE RESTRICT,
  category text NOT NULL,
  tracking text NOT NULL CHECK (tracking IN ('none', 'lot', 'serial')),
  standard_cost numeric(22, 10) CHECK (standard_cost >= 0),
  abc_class text CHECK (abc_class IN ('A', 'B', 'C')),
  receipt_tolerance numeric(5, 2) NOT NULL DEFAULT 0 CHECK (receipt_tolerance >= 0),
  active boolean NOT NULL DEFAULT true,
  catalog_revision integer,
  catalog_content text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX products_sku_key ON products (sku);
CREATE INDEX products_unit_idx ON products (unit);

CREATE TABLE product_units (
  product_id uuid NOT NULL REFERENCES products (id) ON UPDATE RESTRICT ON DELETE CASCADE,
  unit text NOT NULL,
  numerator bigint NOT NULL CHECK (numerator > 0),
  denominator bigint NOT NULL CHECK (denominator > 0),
  PRIMARY KEY (product_id, unit)
);

CREATE TABLE product_barcodes (
  code text PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES products (id) ON UPDATE RESTRICT ON DELETE CASCADE,
  unit text
);
CREATE INDEX product_barcodes_product_id_idx ON product_barcodes (product_id);

CREATE TABLE lots (
  id uuid PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES products (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
  code text NOT NULL,
  expires_on date,
  version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX lots_product_id_code_key ON lots (product_id, code);
CREATE INDEX lots_code_idx ON lots (code);

CREATE TABLE warehouses (
  code text PRIMARY KEY CHECK (code <> 'Virtual'),
  name text NOT NULL,
  default_receipt_location text,
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz(3) NOT NULL
);

CREATE TABLE locations (
  id uuid PRIMARY KEY,
  -- Compared byte by byte, so that a subtree is a range of the index.
  code text COLLATE "C" NOT NULL,
  type text NOT NULL
    CHECK (type IN ('internal', 'vendor', 'customer', 'loss', 'opening', 'production', 'scrap', 'transit')),
  warehouse text REFERENCES warehouses (code) ON UPDATE RESTRICT ON DELETE RESTRICT,
  reservable boolean NOT NULL,
  allow_negative boolean NOT NULL DEFAULT false,
  pick_sequence integer NOT NULL DEFAULT 0,
  barcode text,
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz(3) NOT NULL,
  CHECK ((type = 'internal') = (warehouse IS NOT NULL)),
  CHECK (type = 'internal' OR NOT reservable)
);
CREATE UNIQUE INDEX locations_code_key ON locations (code);
CREATE UNIQUE INDEX locations_barcode_key ON locations (barcode);
CREATE INDEX locations_warehouse_idx ON locations (warehouse);

-- Where goods come from and go to, so that nothing appears or vanishes.
INSERT INTO locations (id, code, type, reservable, changed_at) VALUES
  ('019a0000-0000-7000-8000-000000000001', 'Virtual/Vendors', 'vendor', false, now()),
  ('019a0000-0000-7000-8000-000000000002', 'Virtual/Customers', 'customer', false, now()),
  ('019a0000-0000-7000-8000-000000000003', 'Virtual/Loss', 'loss', false, now()),
  ('019a0000-0000-7000-8000-000000000004', 'Virtual/Opening', 'opening', false, now()),
  ('019a0000-0000-7000-8000-000000000005', 'Virtual/Production', 'production', false, now()),
  ('019a0000-0000-7000-8000-000000000006', 'Virtual/Scrap', 'scrap', false, now()),
  ('019a0000-0000-7000-8000-000000000007', 'Virtual/Transit', 'transit', false, now());

CREATE TABLE users (
  id uuid PRIMARY KEY,
  username text NOT NULL,
  name text NOT NULL,
  active boolean NOT NULL,
  groups text[],
  assignment_version integer NOT NULL DEFAULT 0
);
CREATE INDEX users_username_idx ON users (username);

CREATE TABLE assignments (
  user_id uuid NOT NULL REFERENCES users (id) ON UPDATE RESTRICT ON DELETE CASCADE,
  location text NOT NULL,
  PRIMARY KEY (user_id, location)
);
