-- The next key is published before it signs. To the version before it is a key that was retired and is still published.
ALTER TABLE signing_keys
  ADD COLUMN signs_from timestamptz(3),
  ADD COLUMN next boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX signing_keys_next ON signing_keys ((true)) WHERE next;
