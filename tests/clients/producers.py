"""
Sends messages with librdkafka. Argument: brokers. Each line of input: how, topic, key and value with tabs between. How: a codec
(none, gzip, snappy, lz4, zstd), idempotent, transactional, or aborted (a transaction that is taken back). Prints for each when the
broker had it, in milliseconds by the machine's clock: the delivery report, or the end of the transaction.
"""

import sys
import time
import uuid

from confluent_kafka import Producer

brokers = sys.argv[1]


def settings(how):
    made = {"bootstrap.servers": brokers, "linger.ms": 0}
    if how in ("transactional", "aborted"):
        return {**made, "transactional.id": str(uuid.uuid4())}
    if how == "idempotent":
        return {**made, "enable.idempotence": True}
    return {**made, "compression.type": how}


def send(how, topic, key, value):
    producer = Producer(settings(how))
    reports = []
    in_transaction = how in ("transactional", "aborted")
    if in_transaction:
        producer.init_transactions(30)
        producer.begin_transaction()
    producer.produce(topic, key=key, value=value, on_delivery=lambda error, _: reports.append((error, time.time())))
    while not reports:
        producer.poll(0.01)
    error, at = reports[0]
    if error is not None:
        raise SystemExit(str(error))
    if how == "transactional":
        producer.commit_transaction(30)
    if how == "aborted":
        producer.abort_transaction(30)
    return time.time() if in_transaction else at


for line in sys.stdin:
    print(round(send(*line.rstrip("\n").split("\t", 3)) * 1000), flush=True)
