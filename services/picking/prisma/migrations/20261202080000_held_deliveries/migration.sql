-- Why nothing is reserved for a delivery until somebody asks again; null where it is offered stock.
ALTER TABLE "deliveries" ADD COLUMN "held" TEXT;
