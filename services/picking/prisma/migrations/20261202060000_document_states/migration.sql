-- Which states of a document were published last, and which version of it was looked at for that.
CREATE TABLE "document_states" (
  "document_id" UUID NOT NULL,
  "version" INTEGER NOT NULL,
  -- By the state's name: a digest of what was said. Without those that are empty.
  "published" JSONB NOT NULL,
  CONSTRAINT "document_states_pkey" PRIMARY KEY ("document_id")
);
