CREATE TABLE groups (
  external_id text PRIMARY KEY,
  name text NOT NULL,
  module text NOT NULL,
  rung integer
);

-- The source document's records. Later modules name these groups by their external ids.
INSERT INTO groups (external_id, name, module, rung) VALUES
  ('core_inventory.inventory_group_user', 'Inventory User', 'core_inventory', 1),
  ('core_inventory.inventory_group_supervisor', 'Inventory Supervisor', 'core_inventory', 2),
  ('core_inventory.inventory_group_manager', 'Inventory Manager', 'core_inventory', 3),
  ('base.group_system', 'Administrator', 'base', NULL);

CREATE TABLE users (
  id uuid PRIMARY KEY,
  username text NOT NULL CHECK (username = lower(username)),
  name text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  administrator boolean NOT NULL DEFAULT false,
  inventory_group text REFERENCES groups (external_id) ON UPDATE RESTRICT ON DELETE RESTRICT
    CHECK (inventory_group LIKE 'core\_inventory.%'),
  password_hash text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX users_username_key ON users (username);
CREATE INDEX users_inventory_group_idx ON users (inventory_group);

CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
  started_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  end_reason text,
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE refresh_tokens (
  hash bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions (id) ON UPDATE RESTRICT ON DELETE CASCADE,
  parent_hash bytea,
  issued_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  superseded_at timestamptz(3)
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_parent_hash_idx ON refresh_tokens (parent_hash);

CREATE TABLE login_failures (
  subject text PRIMARY KEY,
  failures integer NOT NULL,
  since timestamptz(3) NOT NULL
);
CREATE INDEX login_failures_since_idx ON login_failures (since);

CREATE TABLE signing_keys (
  kid text PRIMARY KEY,
  public_jwk jsonb NOT NULL,
  private_key text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  retired_at timestamptz(3)
);
-- One key signs at a time.
CREATE UNIQUE INDEX signing_keys_signing ON signing_keys ((true)) WHERE retired_at IS NULL;

CREATE TABLE clients (
  id text PRIMARY KEY,
  name text NOT NULL,
  secret_hash text NOT NULL,
  scopes text[],
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL
);

CREATE TABLE audit_entries (
  id uuid PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  actor_id text,
  actor_name text,
  action text NOT NULL,
  subject_id text NOT NULL,
  subject_name text NOT NULL,
  old jsonb,
  new jsonb
);
CREATE INDEX audit_entries_subject_id_idx ON audit_entries (subject_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_entries_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
