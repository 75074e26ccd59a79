-- Against a limit stands what somebody lost in transit within a day: their transfers are found without reading everybody's.
CREATE INDEX "postings_of_transfers_by_actor" ON "postings" ("actor_id", "recorded_at") WHERE "kind" = 'transfer';
