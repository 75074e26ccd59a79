-- Systems that a service client speaks for; none are all.
ALTER TABLE clients ADD COLUMN sources text[] NOT NULL DEFAULT '{}';
