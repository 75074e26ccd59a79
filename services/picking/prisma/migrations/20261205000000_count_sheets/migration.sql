-- Stock's count sheets that somebody must count or look at: the queue shows them. Ended ones are not kept.
CREATE TABLE "count_sheets" (
    "id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "status" TEXT NOT NULL CHECK ("status" IN ('unassigned', 'scheduled', 'in_progress', 'submitted')),
    "assignee" TEXT,
    "due_on" DATE,
    "not_for" TEXT[] NOT NULL,
    "worked_on_by" TEXT[] NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "count_sheets_pkey" PRIMARY KEY ("id")
);
