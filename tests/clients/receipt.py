"""Makes a receipt with the generated clients of identity and picking: from the order's event to the ledger's answer."""

import importlib
import pkgutil
import sys
import time
import uuid

origin, password, client_secret = sys.argv[1:4]
services = ("identity", "stock", "picking", "valuation")

for service in services:
    package = importlib.import_module(f"stockline_{service}")
    for module in pkgutil.walk_packages(package.__path__, f"stockline_{service}."):
        importlib.import_module(module.name)

import stockline_identity as identity
import stockline_picking as picking
import stockline_stock as stock
import stockline_valuation as valuation


def api(package, service, token=None):
    return package.ApiClient(package.Configuration(host=f"{origin}/{service}", access_token=token))


anonymous = api(identity, "identity")
session = identity.SessionsApi(anonymous).post_sessions(
    identity.PostSessionsRequest(username="manager", password=password)
)
erp = identity.TokensApi(anonymous).post_tokens(
    grant_type="client_credentials", client_id="erp", client_secret=client_secret
)
try:
    identity.TokensApi(anonymous).post_tokens(
        grant_type="client_credentials", client_id="nobody", client_secret="wrong"
    )
    sys.exit("a wrong secret gave a token")
except identity.ApiException as error:
    assert error.status == 401 and error.data.error == "invalid_client", error

number = f"PY-{uuid.uuid4()}"
order = picking.PurchasingOrderConfirmedV1(
    specversion="1.0",
    id=str(uuid.uuid4()),
    source="/erp/python",
    type="purchasing.order-confirmed.v1",
    subject=number,
    data=picking.PurchasingOrderConfirmedV1Data.from_dict(
        {
            "orderNumber": number,
            "warehouse": "WH",
            "vendor": {"code": "ACME", "name": "Acme Supplies"},
            "currency": "USD",
            "lines": [{"line": 1, "sku": "RM-A", "quantity": "3", "unit": "kg", "unitPrice": "2.50"}],
        }
    ),
)
taken = picking.EventsApi(api(picking, "picking", erp.access_token)).post_events(picking.PostEventsRequest(order))
# One event or a batch is answered by one operation.
state = getattr(taken, "actual_instance", taken).state
assert state in ("applied", "waiting"), taken

receipts = picking.ReceiptsApi(api(picking, "picking", session.access_token))
for _ in range(200):
    items = receipts.get_receipts(source=number, limit=10).items
    if items:
        break
    time.sleep(0.1)
receipt = receipts.get_receipts_id(items[0].id)
receipt = receipts.patch_receipts_id_lines(
    idempotency_key=uuid.uuid4(),
    if_match=f'"{receipt.version}"',
    id=receipt.id,
    patch_receipts_id_lines_request=picking.PatchReceiptsIdLinesRequest.from_dict(
        {"entries": [{"line": 1, "quantity": "3"}]}
    ),
)
try:
    receipts.post_receipts_id_validate(idempotency_key=uuid.uuid4(), if_match='"999"', id=receipt.id)
    sys.exit("a stale version was taken")
except picking.ApiException as error:
    assert error.status == 412 and error.data.type == "version-stale", error
done = receipts.post_receipts_id_validate(
    idempotency_key=uuid.uuid4(), if_match=f'"{receipt.version}"', id=receipt.id, prefer="wait=10"
)
assert done.status == "done", done.status

quants = stock.QuantsApi(api(stock, "stock", session.access_token)).get_quants(sku="RM-A")
assert quants.items, "no stock of RM-A"
entries = []
for _ in range(200):
    journal = valuation.JournalEntriesApi(api(valuation, "valuation", session.access_token))
    entries = journal.get_journal_entries(document=done.number).items
    if entries:
        break
    time.sleep(0.1)
assert entries, "no journal entry"
print(f"{done.number} is {done.status}, entry {entries[0].number}")
