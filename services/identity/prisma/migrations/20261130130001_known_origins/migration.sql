-- When the last failure was: what is slowed down waits from then on.
ALTER TABLE login_failures ADD COLUMN last_at timestamptz(3);

-- Addresses and devices that an account or a client has signed in from.
CREATE TABLE known_origins (
  subject text NOT NULL,
  origin text NOT NULL,
  last_at timestamptz(3) NOT NULL,
  PRIMARY KEY (subject, origin)
);
CREATE INDEX known_origins_last_at_idx ON known_origins (last_at);
