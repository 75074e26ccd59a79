import java.util.List;
import java.util.UUID;
import stockline.identity.api.SessionsApi;
import stockline.identity.api.TokensApi;
import stockline.identity.model.PostSessionsRequest;
import stockline.picking.api.EventsApi;
import stockline.picking.api.ReceiptsApi;
import stockline.picking.model.GetReceipts200ResponseItemsInner;
import stockline.picking.model.PatchReceiptsIdLinesRequest;
import stockline.picking.model.PatchReceiptsIdLinesRequestEntriesInner;
import stockline.picking.model.PostEventsRequest;
import stockline.picking.model.PostReceiptsRequestVendor;
import stockline.picking.model.PurchasingOrderConfirmedV1;
import stockline.picking.model.PurchasingOrderConfirmedV1Data;
import stockline.picking.model.PurchasingOrderConfirmedV1DataLinesInner;
import stockline.stock.api.QuantsApi;
import stockline.valuation.api.JournalEntriesApi;

/** Makes a receipt with the generated clients: from the order's event to the ledger's answer and the books. */
public class Receipt {
  public static void main(String[] arguments) throws Exception {
    String origin = arguments[0];
    stockline.identity.ApiClient anonymous = new stockline.identity.ApiClient();
    anonymous.setBasePath(origin + "/identity");
    String person = new SessionsApi(anonymous)
        .postSessions(new PostSessionsRequest().username("manager").password(arguments[1]), null)
        .getAccessToken();
    String erp = new TokensApi(anonymous)
        .postTokens("client_credentials", null, "erp", arguments[2], null)
        .getAccessToken();

    String number = "JAVA-" + UUID.randomUUID();
    PurchasingOrderConfirmedV1 order = new PurchasingOrderConfirmedV1()
        .specversion(PurchasingOrderConfirmedV1.SpecversionEnum._1_0)
        .id(UUID.randomUUID().toString())
        .source("/erp/java")
        .type(PurchasingOrderConfirmedV1.TypeEnum.PURCHASING_ORDER_CONFIRMED_V1)
        .subject(number)
        .data(new PurchasingOrderConfirmedV1Data()
            .orderNumber(number)
            .warehouse("WH")
            .vendor(new PostReceiptsRequestVendor().code("ACME").name("Acme Supplies"))
            .currency("USD")
            .lines(List.of(new PurchasingOrderConfirmedV1DataLinesInner()
                .line(1).sku("RM-A").quantity("3").unit("kg").unitPrice("2.50"))));
    stockline.picking.ApiClient asErp = new stockline.picking.ApiClient();
    asErp.setBasePath(origin + "/picking");
    asErp.setBearerToken(erp);
    new EventsApi(asErp).postEvents(new PostEventsRequest(order), null);

    stockline.picking.ApiClient asPerson = new stockline.picking.ApiClient();
    asPerson.setBasePath(origin + "/picking");
    asPerson.setBearerToken(person);
    ReceiptsApi receipts = new ReceiptsApi(asPerson);
    UUID id = receiptOf(receipts, number);
    stockline.picking.model.Receipt receipt = receipts.getReceiptsId(id, null);
    receipt = receipts.patchReceiptsIdLines(UUID.randomUUID(), quoted(receipt), id,
        new PatchReceiptsIdLinesRequest().entries(
            List.of(new PatchReceiptsIdLinesRequestEntriesInner().line(1).quantity("3"))), null);
    try {
      receipts.postReceiptsIdValidate(UUID.randomUUID(), "\"999\"", id, null, null, null);
      throw new IllegalStateException("a stale version was taken");
    } catch (stockline.picking.ApiException error) {
      expect(error.getCode() == 412, "412, not " + error.getCode());
    }
    receipt = receipts.postReceiptsIdValidate(UUID.randomUUID(), quoted(receipt), id, "wait=10", null, null);
    expect(receipt.getStatus().getValue().equals("done"), "done, not " + receipt.getStatus());

    stockline.stock.ApiClient asReader = new stockline.stock.ApiClient();
    asReader.setBasePath(origin + "/stock");
    asReader.setBearerToken(person);
    int quants = new QuantsApi(asReader)
        .getQuants(null, "RM-A", null, null, null, null, null, 10, null)
        .getItems().size();
    expect(quants > 0, "stock of RM-A");
    System.out.println(receipt.getNumber() + " is " + receipt.getStatus() + ", entry "
        + entryOf(origin, person, receipt.getNumber()));
  }

  private static UUID receiptOf(ReceiptsApi receipts, String order) throws Exception {
    for (int tries = 0; tries < 200; tries++) {
      List<GetReceipts200ResponseItemsInner> items =
          receipts.getReceipts(null, null, order, null, null, null, null, null, null, 10, null).getItems();
      if (!items.isEmpty()) return items.get(0).getId();
      Thread.sleep(100);
    }
    throw new IllegalStateException("no receipt of " + order);
  }

  private static String entryOf(String origin, String person, String document) throws Exception {
    stockline.valuation.ApiClient client = new stockline.valuation.ApiClient();
    client.setBasePath(origin + "/valuation");
    client.setBearerToken(person);
    JournalEntriesApi journal = new JournalEntriesApi(client);
    for (int tries = 0; tries < 200; tries++) {
      List<stockline.valuation.model.JournalEntry> items = journal.getJournalEntries(null, document, null, null, null, null, null, null, null).getItems();
      if (!items.isEmpty()) return items.get(0).getNumber();
      Thread.sleep(100);
    }
    throw new IllegalStateException("no journal entry of " + document);
  }

  private static String quoted(stockline.picking.model.Receipt receipt) {
    return "\"" + receipt.getVersion() + "\"";
  }

  private static void expect(boolean holds, String what) {
    if (!holds) throw new IllegalStateException("expected " + what);
  }
}
