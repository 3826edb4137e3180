// SPDX-License-Identifier: Apache-2.0

import Accounting
import Quantities
import Testing

@Suite("Journal")
struct JournalTests {
    @Test("a session is owed when it is priced and paid when the gateway confirms")
    func owedThenReceived() throws {
        var journal = Journal()
        try journal.reserve(.holdPlaced(.eur(40_00), at: "Sandbox", about: about), cause: "pay_1")
        journal.post(try owed.posting(), cause: "bil_1")
        try journal.postReserved(.eur(18_37), cause: "pay_1")

        #expect(
            journal.table == """
                event             account                    debit  credit
                session owed      Assets:Receivable:Session  18.37
                                  Income:Energy                      15.44
                                  Liabilities:Tax:VAT-DE-19           2.93
                capture received  Assets:Clearing:Sandbox    18.37
                                  Assets:Receivable:Session          18.37
                """)
        #expect(journal.balance(of: .sessionReceivable, in: .eur) == .eur(0))
    }

    @Test("what is reserved never enters a balance, and is gone once it is resolved")
    func pending() throws {
        var journal = Journal()
        try journal.reserve(.walletReserved(.eur(40_00), about: about), cause: "pay_1")
        #expect(journal.balance(of: .wallet, in: .eur) == .eur(0))
        #expect(journal.pendingBalance(of: .wallet, in: .eur) == .eur(40_00))
        #expect(journal.trialBalance == [])

        try journal.void(cause: "pay_1")
        #expect(journal.pendingBalance(of: .wallet, in: .eur) == .eur(0))
        #expect(journal.posted == [])
    }

    @Test("I7: a reservation is resolved exactly once")
    func resolvedOnce() throws {
        var journal = Journal()
        try journal.reserve(.holdPlaced(.eur(40_00), at: "Sandbox", about: about), cause: "pay_1")
        try journal.postReserved(.eur(18_37), cause: "pay_1")
        let before = journal
        #expect(throws: Journal.Refusal.resolvedBefore(cause: "pay_1", .posted(.eur(18_37)))) {
            try journal.void(cause: "pay_1")
        }
        #expect(throws: Journal.Refusal.resolvedBefore(cause: "pay_1", .posted(.eur(18_37)))) {
            try journal.postReserved(.eur(1), cause: "pay_1")
        }
        #expect(throws: Journal.Refusal.nothingReserved(cause: "pay_2")) { try journal.void(cause: "pay_2") }
        #expect(journal == before)
    }

    @Test("I8: never more is posted than was reserved; a raised hold counts as raised")
    func reservedAtMost() throws {
        var journal = Journal()
        try journal.reserve(.holdPlaced(.eur(40_00), at: "Sandbox", about: about), cause: "pay_1")
        #expect(throws: Journal.Refusal.exceedsReservation(reserved: .eur(40_00), requested: .eur(40_01))) {
            try journal.postReserved(.eur(40_01), cause: "pay_1")
        }
        try journal.reserve(.holdAdjusted(.eur(60_00), at: "Sandbox", about: about), cause: "pay_1")
        #expect(journal.pendingBalance(of: .clearing("Sandbox"), in: .eur) == .eur(60_00))
        try journal.postReserved(.eur(40_01), cause: "pay_1")
        #expect(journal.balance(of: .clearing("Sandbox"), in: .eur) == .eur(40_01))
    }

    @Test("the same template and cause are posted once")
    func replay() throws {
        var journal = Journal()
        #expect(journal.post(try owed.posting(), cause: "bil_1"))
        #expect(!journal.post(try owed.posting(), cause: "bil_1"))
        #expect(journal.post(try owed.posting(), cause: "bil_2"))
        #expect(journal.posted.count == 2)
    }

    @Test("I1: a transaction cannot be built unless it sums to zero in every currency")
    func balanced() {
        #expect(throws: Transaction.Refusal.unbalanced(.eur(1))) {
            try Transaction(debit: [(.wallet, .eur(5_01))], credit: [(.refunds, .eur(5_00))])
        }
        #expect(throws: Transaction.Refusal.self) {
            try Transaction(
                debit: [(.wallet, .eur(5_00))],
                credit: [(.refunds, Money(minorUnits: 5_00, currency: .chf))])
        }
        #expect(throws: Transaction.Refusal.empty) { try Transaction(debit: [], credit: []) }
        #expect(throws: Transaction.Refusal.empty) {
            try Transaction(debit: [(.wallet, .eur(0))], credit: [(.refunds, .eur(0))])
        }
    }

    @Test("I11: whatever is posted, the trial balance nets to zero in each currency")
    func trialBalance() throws {
        for seed: UInt64 in 1...200 {
            var random = SplitMix64(seed: seed)
            var journal = Journal()
            for step in 0..<60 { try Self.anything(&journal, cause: "c\(step)", &random) }

            for currency: Currency in [.eur, .chf, .jpy] {
                let sum = journal.trialBalance.map(\.amount).filter { $0.currency == currency }
                    .sum(in: currency)
                #expect(sum.isZero, "seed \(seed), \(currency)")
            }
            for (cause, pending) in journal.pending {
                guard case .posted(let taken) = pending.resolution else { continue }
                #expect(taken <= pending.reservation.amount, "seed \(seed), \(cause)")
            }
        }
    }

    private static func anything(
        _ journal: inout Journal, cause: String, _ random: inout SplitMix64
    ) throws {
        let currency: Currency = [.eur, .chf, .jpy].randomElement(using: &random) ?? .eur
        func some() -> Money {
            Money(minorUnits: Int64.random(in: 1...99_999, using: &random), currency: currency)
        }
        let about = Dimensions()
        switch Int.random(in: 0..<7, using: &random) {
        case 0: journal.post(try .topUpReceived(some(), at: "a", about: about), cause: cause)
        case 1: journal.post(try .debtOpened(some(), about: about), cause: cause)
        case 2: journal.post(try .disputeOpened(some(), fee: some(), at: "a", about: about), cause: cause)
        case 3: try journal.reserve(.walletReserved(some(), about: about), cause: cause)
        case 4:
            let open = journal.pending.keys.sorted().randomElement(using: &random)
            // Refused if it is resolved, of another currency's amount, or too little: nothing changes then.
            if let open, journal.pending[open]?.reservation.amount.currency == currency {
                try? journal.postReserved(some(), cause: open)
            }
        case 5:
            // As above.
            if let open = journal.pending.keys.sorted().randomElement(using: &random) {
                try? journal.void(cause: open)
            }
        default:
            let tax = TaxRate(percent: 19).tax(onNet: some())
            let net = some()
            let owed = SessionOwed(
                incomes: [.init(.energy, net)],
                taxes: [.init(country: "DE", rate: TaxRate(percent: 19), amount: tax)],
                session: SessionID(at: .epoch, random: 1))
            journal.post(try owed.posting(), cause: cause)
        }
    }

    private let about = Dimensions()
    private let owed = SessionOwed(
        incomes: [.init(.energy, .eur(15_44))],
        taxes: [.init(country: "DE", rate: TaxRate(percent: 19), amount: .eur(2_93))],
        session: SessionID(at: .epoch, random: 1))
}
