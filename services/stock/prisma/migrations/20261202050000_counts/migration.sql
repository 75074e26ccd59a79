-- Cycle counts: classes of products, plans, sheets, and what came of them. Read and written by named statements only.

-- Where class A ends and where B, in percent of consumption value, and over how many days consumption is summed.
CREATE TABLE abc_settings (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  a_percent numeric(5, 2) NOT NULL CHECK (a_percent > 0 AND a_percent <= b_percent),
  b_percent numeric(5, 2) NOT NULL CHECK (b_percent <= 100),
  period_days integer NOT NULL CHECK (period_days BETWEEN 1 AND 3650),
  computed_on date,
  version integer NOT NULL
);
INSERT INTO abc_settings (a_percent, b_percent, period_days, version) VALUES (80, 95, 365, 0);

-- Computed: written anew as a whole. What is missing is C. A class that the product system gives counts before it.
CREATE TABLE abc_classes (
  product_id uuid PRIMARY KEY,
  abc_class text NOT NULL CHECK (abc_class IN ('A', 'B', 'C')),
  quantity numeric NOT NULL,
  -- In the currency; null where nobody knew what one costs.
  value numeric
);

CREATE TABLE count_plans (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  zone text COLLATE "C" NOT NULL,
  warehouse text NOT NULL,
  abc_class text CHECK (abc_class IN ('A', 'B', 'C')),
  every_days integer NOT NULL CHECK (every_days >= 1),
  due_in_days integer NOT NULL CHECK (due_in_days >= 0),
  assignee uuid,
  blind boolean NOT NULL,
  tolerance_quantity numeric(20, 6) CHECK (tolerance_quantity >= 0),
  tolerance_percent numeric(20, 6) CHECK (tolerance_percent >= 0),
  zero_check boolean NOT NULL,
  short_pick boolean NOT NULL,
  -- The day of the next sheet, or of one whose lines are not all on sheets yet.
  next_on date NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX count_plans_name_key ON count_plans (name);

CREATE TABLE count_sheets (
  id uuid PRIMARY KEY,
  number text NOT NULL,
  warehouse text NOT NULL,
  status text NOT NULL,
  zone text COLLATE "C" NOT NULL,
  abc_class text,
  cause text NOT NULL,
  plan uuid,
  assignee uuid,
  assignee_name text,
  blind boolean NOT NULL,
  due_on date,
  tolerance_quantity numeric(20, 6),
  tolerance_percent numeric(20, 6),
  worked_on_by text[] NOT NULL,
  adjustments text[] NOT NULL,
  locations text[] NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  open boolean NOT NULL GENERATED ALWAYS AS (status NOT IN ('done', 'cancelled')) STORED
);
CREATE UNIQUE INDEX count_sheets_number_key ON count_sheets (number);
CREATE INDEX count_sheets_created_at_id_idx ON count_sheets (created_at, id);
CREATE INDEX count_sheets_open_idx ON count_sheets (assignee) WHERE open;

CREATE TABLE count_sheet_lines (
  count_sheet_id uuid NOT NULL REFERENCES count_sheets (id),
  line integer NOT NULL,
  sku text NOT NULL,
  location text COLLATE "C" NOT NULL,
  lot text,
  status text NOT NULL,
  unit text NOT NULL,
  counted numeric(20, 6),
  reason text,
  found boolean NOT NULL,
  state text NOT NULL,
  why text,
  position text,
  on_hand numeric(20, 6) NOT NULL,
  picked numeric(20, 6) NOT NULL,
  put numeric(20, 6) NOT NULL,
  -- Which changes of the floor had been heard of then.
  seen text,
  counted_at text,
  counted_by text,
  counted_before text[] NOT NULL,
  PRIMARY KEY (count_sheet_id, line)
);

-- Each line of each sheet that is done: what coverage, accuracy and the choice of what to count next are made of.
CREATE TABLE count_results (
  sheet_id uuid NOT NULL,
  line integer NOT NULL,
  product_id uuid NOT NULL,
  location_id uuid NOT NULL,
  -- Of the ledger, when it was counted.
  position bigint NOT NULL,
  counted_at timestamptz NOT NULL,
  differs boolean NOT NULL,
  recounted boolean NOT NULL,
  PRIMARY KEY (sheet_id, line)
);
CREATE INDEX count_results_by_place ON count_results (product_id, location_id, counted_at);

-- Up to which position the ledger was looked through for places that deliveries left empty, or short.
CREATE TABLE count_triggers (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  position bigint NOT NULL
);
INSERT INTO count_triggers (position) VALUES (0);
