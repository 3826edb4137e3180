// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Payments
import Quantities
import Receipts
import Storage
import Testing

/// What a credit note of single kinds does to the books (receipts.md §4, payments.md T6).
@Suite("Refunds of single kinds", .serialized, .timeLimit(.minutes(2)))
struct RefundByKindTests {
    /// A card session of 20 kWh for 9.80, and 15 minutes of idle time, of which the first 5 are free, for 1.00.
    private func visit(_ shop: Shop) async throws -> PaymentRecord {
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let token = try #require(try await shop.takeStart())
        let number = try #require(try await shop.begin(token: token))
        shop.desk.clock.advance(by: .minutes(20))
        try await shop.meter(20_000, of: number)
        try await shop.change(to: .suspendedByVehicle, in: number)
        shop.desk.clock.advance(by: .minutes(15))
        try await shop.end(20_000, of: number)
        try await shop.pass(.seconds(10))
        try await shop.settleEverything()
        return try await shop.row(payment)
    }

    private func balances(_ shop: Shop) async throws -> [Int64] {
        var balances: [Int64] = []
        for account in ["Income:Energy", "Income:Idle", "Liabilities:Tax:VAT-DE-19", "Liabilities:Refunds"] {
            balances.append(try await shop.balance(account))
        }
        return balances
    }

    private func idle(_ cents: Int64) -> CreditNote.Portion {
        CreditNote.Portion(kind: "idle", amount: .eur(cents))
    }

    @Test("the idle fee alone is given back: its income and its tax, and nothing of the energy")
    func idleFee() async throws {
        let shop = try await Shop.open()
        let payment = try await visit(shop)
        // 10.80 with 19 % are 9.08 net: 8.24 of the energy's 9.80, 0.84 of the idle time's 1.00.
        #expect(payment.captured == .eur(10_80))
        #expect(try await balances(shop) == [-8_24, -84, -1_72, 0])

        let refund = try await RefundPayment(desk: shop.desk)(
            nil, lines: [idle(1_00)], of: payment.id, because: "barrier was closed", by: shop.author)
        try await shop.settleEverything()

        #expect(refund.amount == .eur(1_00))
        #expect(try await balances(shop) == [-8_24, 0, -1_56, 0])
        let note = try await shop.note(of: refund)
        #expect(note.lines.map(\.kind) == ["idle"] && note.lines.map(\.gross) == [.eur(1_00)])
        #expect(note.net == .eur(84) && note.taxes.map(\.amount) == [.eur(16)])
        try await shop.isSound()
    }

    @Test("after a share of everything a kind has less left, and the rest of the receipt is its energy")
    func afterShare() async throws {
        let shop = try await Shop.open()
        let payment = try await visit(shop)
        let refund = RefundPayment(desk: shop.desk)
        // Half of 8.24, 0.84 and 1.72.
        _ = try await refund(.eur(5_40), of: payment.id, because: "half", by: shop.author)

        await #expect(
            throws: RefundPayment.Refusal.line(.exceedsKind("idle", left: .eur(50), requested: .eur(51)))
        ) { _ = try await refund(nil, lines: [idle(51)], of: payment.id, because: "more", by: shop.author) }
        _ = try await refund(.eur(50), lines: [idle(50)], of: payment.id, because: "idle", by: shop.author)
        let rest = try await refund(nil, of: payment.id, because: "the rest", by: shop.author)
        try await shop.settleEverything()

        #expect(rest.amount == .eur(4_90))
        #expect(try await shop.note(of: rest).lines.map(\.net) == [.eur(4_12), .eur(0)])
        #expect(try await balances(shop) == [0, 0, 0, 0])
        try await shop.isSound()
    }

    @Test("what does not fit is refused, and nothing is numbered or booked")
    func refused() async throws {
        let shop = try await Shop.open()
        let payment = try await visit(shop)
        let refund = RefundPayment(desk: shop.desk)
        let before = try await balances(shop)
        func refuse(
            _ amount: Money?, _ lines: [CreditNote.Portion], _ refusal: RefundPayment.Refusal,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async {
            await #expect(throws: refusal, sourceLocation: sourceLocation) {
                _ = try await refund(amount, lines: lines, of: payment.id, because: "test", by: shop.author)
            }
        }
        let huge = CreditNote.Portion(kind: "energy", amount: .eur(.max))

        await refuse(.eur(99), [idle(1_00)], .linesDoNotSum(lines: .eur(1_00), amount: .eur(99)))
        await refuse(nil, [idle(1), idle(1)], .line(.kindNamedTwice("idle")))
        await refuse(
            nil, [.init(kind: "session", amount: .eur(1))],
            .line(.unknownKind("session", known: ["energy", "idle"])))
        await refuse(nil, [idle(0)], .line(.amountIsNotPositive(.eur(0))))
        await refuse(
            nil, [huge, huge], .line(.exceedsKind("energy", left: .eur(10_80), requested: .eur(.max))))
        await refuse(
            nil, [.init(kind: "idle", amount: Money(minorUnits: 1, currency: .usd))],
            .currencyMismatch(.usd, .eur))
        #expect(try await balances(shop) == before)
        let notes = try await shop.desk.store.read { tx in
            try tx.all(DocumentRecord.self).filter { $0.kind == "credit_note" }
        }
        #expect(notes.isEmpty)
    }
}

extension Shop {
    /// The credit note of a refund.
    fileprivate func note(of refund: RefundRecord) async throws -> CreditNote {
        let id = try #require(refund.creditNote)
        let row = try await desk.store.read { tx in
            try tx.all(DocumentRecord.self).first { $0.id == id }
        }
        return try #require(row).creditNote
    }
}
