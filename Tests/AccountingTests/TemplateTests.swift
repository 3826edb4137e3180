// SPDX-License-Identifier: Apache-2.0

import Accounting
import Foundation
import Quantities
import Testing

/// Every posting template against the table of docs/specs/payments.md, entry by entry.
@Suite("Posting templates")
struct TemplateTests {
    @Test("each row of the page's table is what its template makes")
    func rows() throws {
        let expected = try Self.page()
        let made = try Self.made()

        #expect(Set(expected.map(\.id)) == Set(made.keys))
        for row in expected {
            let seen = try #require(made[row.id], "\(row.id)")
            #expect(seen == row.entries, "\(row.id)")
        }
    }

    @Test("the worked session sums to what the page says, and to zero in all")
    func worked() throws {
        var journal = Journal()
        try journal.reserve(.holdPlaced(.eur(40_00), at: "stripe", about: Self.about), cause: "pay_1")
        journal.post(try Self.owed.posting(), cause: "bil_1")
        try journal.postReserved(.eur(18_37), cause: "pay_1")
        journal.post(try .hostShareEarned(.eur(12_35), about: Self.about), cause: "pay_1")
        journal.post(try .gatewayFee(.eur(53), at: "stripe", about: Self.about), cause: "line_1")
        journal.post(try .gatewayPayout(.eur(17_84), at: "stripe", about: Self.about), cause: "po_1")
        journal.post(try .payoutSeen(.eur(17_84), at: "main", about: Self.about), cause: "po_1")

        let balances = Dictionary(
            uniqueKeysWithValues: journal.trialBalance.map { ($0.account.name, $0.amount.minorUnits) })

        #expect(
            balances == [
                "Assets:Bank:Main": 17_84, "Liabilities:Payable:Host": -12_35,
                "Liabilities:Tax:VAT-DE-19": -2_93, "Income:Energy": -15_44, "Expenses:HostShare": 12_35,
                "Expenses:GatewayFees": 53,
            ])
        #expect(balances.values.reduce(0, +) == 0)
    }

    @Test("a discount above its line makes that income a debit, and the whole stays balanced")
    func negativeIncome() throws {
        let owed = SessionOwed(
            incomes: [.init(.energy, .eur(10_00)), .init(.session, .eur(-1_00))],
            taxes: [.init(country: "DE", rate: TaxRate(percent: 19), amount: .eur(1_71))],
            session: Self.session)
        #expect(
            Self.texts(try owed.posting().transaction) == [
                "Dr Assets:Receivable:Session 10.71 EUR", "Dr Income:Session 1.00 EUR",
                "Cr Income:Energy 10.00 EUR", "Cr Liabilities:Tax:VAT-DE-19 1.71 EUR",
            ])
    }

    // MARK: what the templates make of the page's own amounts

    private static let session = SessionID(at: .epoch, random: 1)
    private static let about = Dimensions(session: session)
    private static let vat = SessionOwed.Tax(country: "DE", rate: TaxRate(percent: 19), amount: .eur(2_93))
    private static let owed = SessionOwed(
        incomes: [.init(.energy, .eur(15_44))], taxes: [vat], session: session)

    private static func made() throws -> [String: [String]] {
        let stripe = "stripe"
        let hold = Reservation.holdPlaced(.eur(40_00), at: stripe, about: about)
        let wallet = Reservation.walletReserved(.eur(40_00), about: about)
        let payout = Reservation.walletPayoutAsked(.eur(31_63), at: stripe, about: about)
        let refund = Reservation.refundAsked(.eur(5_00), at: stripe, about: about)
        let terminal = Reservation.terminalApproved(.eur(40_00), at: "terminal-A", about: about)
        func tax(_ cents: Int64) -> SessionOwed.Tax {
            SessionOwed.Tax(country: "DE", rate: TaxRate(percent: 19), amount: .eur(cents))
        }
        func net(_ cents: Int64) -> [SessionOwed.Income] { [.init(.energy, .eur(cents))] }
        return [
            "T1": texts(hold), "T1b": texts(.holdAdjusted(.eur(60_00), at: stripe, about: about)),
            "T1w": texts(wallet), "T2": try texts(owed.posting()),
            "T3": try texts(hold.posting(of: .eur(18_37))), "T3w": try texts(wallet.posting(of: .eur(18_37))),
            "T4": [], "T5": try texts(.topUpReceived(.eur(50_00), at: stripe, about: about)),
            "T3u": try texts(.undueReceived(.eur(18_37), at: stripe, about: about)),
            "T3o": try texts(.overpaymentOwed(.eur(1_00), about: about)),
            "T5x": try texts(.topUpReversed(.eur(50_00), ofWhich: .eur(30_00), at: stripe, about: about)),
            "T5r": try texts(payout.posting(of: .eur(31_63))),
            "T6": try texts(.refundOwed(incomes: net(4_20), taxes: [tax(80)], about: about)) + texts(refund),
            "T6a": [], "T6b": try texts(.refundReturned(.eur(5_00), at: stripe, about: about)),
            "T7a": try texts(.disputeOpened(.eur(18_37), fee: .eur(20_00), at: stripe, about: about)),
            "T7b": try texts(.disputeWon(.eur(18_37), at: stripe, about: about)),
            "T7c": try texts(.disputeLost(.eur(18_37), about: about)),
            "T7d": try texts(.disputeLost(.eur(18_37), relief: [vat], about: about)),
            "T7e": try texts(.disputeReversed(.eur(18_37), at: stripe, about: about)),
            "T8": try texts(.captureReversed(.eur(18_37), at: stripe, about: about)),
            "T9": try texts(.debtOpened(.eur(4_30), about: about)),
            "T9p": try texts(.debtPaid(.eur(4_30), at: stripe, about: about)),
            "T10": try texts(.debtWrittenOff(.eur(4_30), about: about)),
            "T11": try texts(.fleetSessionOwed(incomes: net(15_44), session: session)),
            "T11i": try texts(.invoiceIssued(net: .eur(45_52), taxes: [tax(8_65)], about: about)),
            "T11p": try texts(.invoicePaid(.eur(54_17), to: "main", about: about)),
            "T12": try texts(.hostShareEarned(.eur(12_35), about: about)),
            "T12v": try texts(.statementTax(.eur(2_35), about: about)),
            "T12r": try texts(.hostShareReversed(.eur(3_36), about: about)),
            "T12p": try texts(.hostPaid(.eur(14_70), about: about))
                + texts(.hostPaymentSeen(.eur(14_70), at: "main", about: about))
                + texts(.hostPaymentReturned(.eur(14_70), to: "main", about: about)),
            "T13f": try texts(.gatewayFee(.eur(53), at: stripe, about: about)),
            "T13b": try texts(.gatewayFeeReturned(.eur(3), at: stripe, about: about)),
            "T13q": try texts(.payoutReturned(.eur(17_84), at: stripe, about: about)),
            "T13p": try texts(.gatewayPayout(.eur(17_84), at: stripe, about: about))
                + texts(.payoutSeen(.eur(17_84), at: "main", about: about)),
            "T13u": try texts(.moneyUnmatched(.eur(7_00), at: stripe, about: about)),
            "T13x": try texts(
                .currencyExchanged(
                    arrived: .eur(19_10), gone: Money(minorUnits: 18_37, currency: .chf), at: stripe,
                    about: about)),
            "T14": try texts(.goodwillGranted(.eur(30), about: about)),
            "T15": try texts(.partnerSessionOwed(.eur(15_44), about: about)),
            "T15e": try texts(.partnerCostReceived(.eur(12_00), about: about)),
            "T16": try texts(terminal) + texts(terminal.posting(of: .eur(18_37))),
            "T17": try texts(.roundingDifference(.eur(1), about: about)),
        ]
    }

    private static func texts(_ posting: Posting) -> [String] { texts(posting.transaction) }

    private static func texts(_ reservation: Reservation) -> [String] {
        ["Dr \(reservation.debit) \(reservation.amount)", "Cr \(reservation.credit) \(reservation.amount)"]
    }

    private static func texts(_ transaction: Transaction) -> [String] {
        transaction.entries.map {
            $0.amount.isNegative ? "Cr \($0.account) \(-$0.amount)" : "Dr \($0.account) \($0.amount)"
        }
    }

    /// The rows of the page, with the entries written as `Dr account amount currency`.
    private static func page() throws -> [(id: String, entries: [String])] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/specs/payments.md"), encoding: .utf8)
        let lines = text.split(separator: "\n").drop { $0 != "## Posting templates" }
        return lines.filter { $0.hasPrefix("| T") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let id = String(cells[0].prefix { $0 != " " })
            let entries = cells[2].matches(of: /(Dr|Cr) ([A-Z][A-Za-z0-9:-]+) ([0-9]+\.[0-9]{2})( [A-Z]{3})?/)
                .map {
                    "\($0.1) \($0.2) \($0.3)\($0.4 ?? " EUR")"
                }
            return (id, entries)
        }
    }
}
