// SPDX-License-Identifier: Apache-2.0

import Billing
import Payments
import Quantities
import Storage
import Testing

/// What a person may do to a payment, and what nobody may.
@Suite("Payments steered by hand")
struct SteerPaymentTests {
    @Test(
        "a capture by hand takes what is owed and no more, once the price is known",
        .timeLimit(.minutes(2)), arguments: ConcurrencyTests.places)
    func capture(place: String) async throws {
        let shop = try await Shop.open(try ConcurrencyTests.place(place))
        let visit = try await shop.scan()
        let payment = try await shop.pay(visit, with: "ok")
        let steer = SteerPayment(desk: shop.desk)
        await #expect(
            throws: SteerPayment.Refusal.invalidState("starting", allowed: ["rated", "settling"])
        ) { try await steer.capture(.eur(1_00), of: payment.id, by: shop.author) }
        // Rated without being collected, as if the worker had died in between.
        try await shop.desk.store.transaction { tx in
            guard var bill = try tx.lock(BillRecord.self, id: visit.0.bill) else { return }
            for event: Bill.Event in [.on, .end, .rate] { _ = try bill.machine.apply(event) }
            bill.status = bill.machine.state.rawValue
            bill.totalMinor = 9_80
            try tx.update(&bill)
        }

        await #expect(throws: SteerPayment.Refusal.exceedsOwed(.eur(9_80))) {
            try await steer.capture(.eur(9_81), of: payment.id, by: shop.author)
        }
        let asked = try await steer.capture(.eur(5_00), of: payment.id, by: shop.author)
        #expect(asked.status == "capturing")
        try await shop.work()

        #expect(try await shop.row(payment).captured == .eur(5_00))
        #expect(try await shop.bill(of: payment).status == "in_debt", "the rest is owed")
        let audit = try await shop.desk.store.read { tx in
            try tx.page(of: AuditRecord.self, for: shop.organisation).rows.map(\.action)
        }
        #expect(audit.contains("payment.capture_asked"))
    }
}
