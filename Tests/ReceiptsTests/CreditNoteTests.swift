// SPDX-License-Identifier: Apache-2.0

import Quantities
import Receipts
import Tariffs
import Testing

@Suite("The credit note")
struct CreditNoteTests {
    private static let reduced = TaxRate(percent: 7)

    /// 37.49 kWh for 18.37 and 10 minutes of idle time for 1.00, at 19 %; 5.00 for the session at 7 %.
    private func twoRates() throws -> CreditBook {
        var bench = ReceiptBench()
        bench.usage.intervals.append(
            Usage.Interval(from: ReceiptBench.ended, to: ReceiptBench.ended + .minutes(10), .parking))
        bench.components += [
            PriceComponent(.flat, Rate(billionths: 5_000_000_000), tax: Self.reduced),
            PriceComponent(.parking, Rate(billionths: 6_000_000_000), tax: ReceiptBench.vat),
        ]
        return try CreditBook(bench)
    }

    private func portion(_ kind: String, _ cents: Int64) -> CreditNote.Portion {
        CreditNote.Portion(kind: kind, amount: .eur(cents))
    }

    @Test("one kind is taken back whole: its own income, its own tax, its own rate, and nothing else")
    func oneKind() throws {
        var book = try twoRates()
        try #require(book.receipt.gross == .eur(24_37))

        let note = try book.note(.kinds([portion("session", 5_00)]))

        #expect(
            table(note) == """
                session 4.67 5.00
                7 % = 0.33
                net 4.67 gross 5.00
                """)
    }

    @Test("parts of two kinds at two rates: each is split into income and tax by largest remainder")
    func twoKinds() throws {
        var book = try twoRates()

        // 18.37 are 15.44 and 2.93: of 2.00 that is 1.681 and 0.319.
        // 5.00 are 4.67 and 0.33: of 1.00 that is 0.934 and 0.066.
        let note = try book.note(.kinds([portion("energy", 2_00), portion("session", 1_00)]))

        #expect(
            table(note) == """
                energy 1.68 2.00
                session 0.93 1.00
                19 % = 0.32
                7 % = 0.07
                net 2.61 gross 3.00
                """)
    }

    @Test("a share of everything touches every kind and every rate, and tells tax for all lines together")
    func share() throws {
        var book = try twoRates()

        let note = try book.note(.amount(.eur(2_44)))

        #expect(
            table(note) == """
                energy 1.55
                idle 0.08
                session 0.47
                19 % = 0.31
                7 % = 0.03
                net 2.10 gross 2.44
                """)
    }

    @Test("no kind gives back more than earlier credit notes of either sort left of it")
    func leftOfKind() throws {
        var book = try twoRates()
        _ = try book.note(.kinds([portion("session", 4_00)]))
        _ = try book.note(.amount(.eur(12_18)))

        // Of its 1.00 a share of 12.18 / 20.37 went back as well.
        let left = try #require(book.left.kinds.first { $0.kind == "session" }).available
        #expect(left == .eur(40))
        #expect(throws: CreditNote.Refusal.exceedsKind("session", left: left, requested: .eur(41))) {
            try book.note(.kinds([portion("session", 41)]))
        }
        let note = try book.note(.kinds([portion("session", 40)]))
        #expect(note.gross == left)
        #expect(book.left.kinds.first { $0.kind == "session" }?.available == .eur(0))
    }

    @Test("where tax is on top, a kind's part of it goes back with it")
    func netAnchored() throws {
        var bench = ReceiptBench()
        bench.mode = .excluded
        bench.currency = .usd
        bench.components = [
            PriceComponent(.energy, Rate(billionths: 490_000_000), tax: TaxRate(percent: "8.875")),
            PriceComponent(.flat, Rate(billionths: 1_000_000_000), tax: TaxRate(percent: "8.875")),
        ]
        var book = try CreditBook(bench)
        // 8.875 % of 19.37 are 1.72: 1.63 of the energy's 18.37, 0.09 of the fee's 1.00.
        let fee = Money(minorUnits: 1_09, currency: .usd)

        let note = try book.note(.kinds([.init(kind: "session", amount: fee)]))

        #expect(
            table(note) == """
                session 1.00 1.09
                8.875 % = 0.09
                net 1.00 gross 1.09
                """)
    }

    @Test("what cannot be is refused: an unknown kind, one kind twice, nothing, more than the receipt")
    func refused() throws {
        var book = try twoRates()

        #expect(throws: CreditNote.Refusal.unknownKind("time", known: ["energy", "idle", "session"])) {
            try book.note(.kinds([portion("time", 1)]))
        }
        #expect(throws: CreditNote.Refusal.kindNamedTwice("idle")) {
            try book.note(.kinds([portion("idle", 1), portion("idle", 1)]))
        }
        #expect(throws: CreditNote.Refusal.amountIsNotPositive(.eur(0))) { try book.note(.kinds([])) }
        #expect(throws: CreditNote.Refusal.amountIsNotPositive(.eur(-1))) {
            try book.note(.kinds([portion("idle", -1)]))
        }
        #expect(throws: CreditNote.Refusal.exceedsReceipt(left: .eur(24_37), requested: .eur(24_38))) {
            try book.note(.amount(.eur(24_38)))
        }
        #expect(book.notes.isEmpty)
    }

    /// Seeds 1 to 600: random bills, and on each up to 12 credit notes of either sort in any order. A failure
    /// prints its seed.
    @Test("together they never take back more of a kind or a rate than the receipt showed, in any order")
    func property() throws {
        for seed in UInt64(1)...600 {
            var random = SplitMix64(seed: seed)
            var book = try CreditBook(ReceiptBench(random: &random))
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let extent = book.extent(using: &random)
                do {
                    let note = try book.note(extent)
                    #expect(note.faults(of: extent) == [], "seed \(seed)")
                } catch CreditNote.Refusal.exceedsReceipt, CreditNote.Refusal.exceedsKind {
                    // More than was left was asked for; nothing was taken back.
                }
                #expect(book.faults == [], "seed \(seed)")
            }
            let rest = book.left.total(in: book.receipt.gross.currency)
            if rest.isPositive {
                let byKind: [CreditNote.Portion] = book.left.kinds.filter(\.available.isPositive).map {
                    CreditNote.Portion(kind: $0.kind, amount: $0.available)
                }
                _ = try book.note(Bool.random(using: &random) ? .amount(rest) : .kinds(byKind))
            }
            #expect(book.faults == [], "seed \(seed)")
            #expect(book.takenNet == book.receipt.net && book.takenTax == book.shownTax, "seed \(seed)")
        }
    }

    @Test("where prices contain tax, what can be taken back of a kind is the amount on its line, to the cent")
    func asPrinted() throws {
        for seed in UInt64(1)...600 {
            var random = SplitMix64(seed: seed)
            var bench = ReceiptBench(random: &random)
            bench.mode = .included
            let book = try CreditBook(bench)
            for line in book.receipt.lines {
                let share = book.shares.kinds.first { $0.kind == line.kind }
                #expect(share?.available == line.amount, "seed \(seed)")
            }
        }
    }

    private func table(_ note: CreditNote) -> String {
        let lines = note.lines.map { line in
            ([line.kind, line.net.decimal] + [line.gross?.decimal].compactMap { $0 }).joined(separator: " ")
        }
        let taxes = note.taxes.map { "\($0.rate?.percentText ?? "no") % = \($0.amount.decimal)" }
        return (lines + taxes + ["net \(note.net.decimal) gross \(note.gross.decimal)"])
            .joined(separator: "\n")
    }
}

/// A receipt and its credit notes, one after the other.
private struct CreditBook {
    let receipt: Receipt
    let shares: CreditNote.Shares
    var notes: [CreditNote] = []

    init(_ bench: ReceiptBench) throws {
        let rated = try bench.rated()
        receipt = try Receipt(rated, try bench.parts(for: rated))
        shares = CreditNote.Shares(rated)
    }

    var left: CreditNote.Shares { shares.less(notes) }

    mutating func note(_ extent: CreditNote.Extent) throws -> CreditNote {
        let note = try CreditNote(
            of: extent, from: receipt, made: shares, after: notes,
            number: Numbering.label("CN-2026", Int64(notes.count + 1)), because: "a test",
            at: ReceiptBench.ended)
        notes.append(note)
        return note
    }

    /// A share of everything or some kinds: all of what is left, a part of it, or a little more.
    func extent(using random: inout SplitMix64) -> CreditNote.Extent {
        func some(of money: Money) -> Money {
            let all = max(money.minorUnits, 1)
            let units =
                switch Int.random(in: 0..<8, using: &random) {
                case 0: all
                case 1: all + 1
                case 2: Int64(1)
                default: Int64.random(in: 1...all, using: &random)
                }
            return Money(minorUnits: units, currency: money.currency)
        }
        guard Bool.random(using: &random) else {
            return .amount(some(of: left.total(in: receipt.gross.currency)))
        }
        let kinds = left.kinds.filter { _ in Bool.random(using: &random) }
        return .kinds(
            (kinds.isEmpty ? left.kinds : kinds).shuffled(using: &random).map {
                CreditNote.Portion(kind: $0.kind, amount: some(of: $0.available))
            })
    }

    var takenNet: Money { notes.map(\.net).sum(in: receipt.gross.currency) }
    var takenTax: [TaxRate?: Int64] { sums(notes.flatMap(\.taxes).map { ($0.rate, $0.amount) }) }
    var shownTax: [TaxRate?: Int64] { sums(receipt.taxes.map { ($0.rate, $0.amount) }) }

    private func sums<Key: Hashable>(_ amounts: [(Key, Money)]) -> [Key: Int64] {
        amounts.reduce(into: [:]) { sums, amount in
            if !amount.1.isZero { sums[amount.0, default: 0] += amount.1.minorUnits }
        }
    }

    /// What all credit notes together take too much of, by the figures on the documents alone.
    var faults: [String] {
        var faults: [String] = []
        let nets = sums(notes.flatMap(\.lines).map { ($0.kind, $0.net) })
        let byKind = notes.flatMap(\.lines).filter { $0.taxes != nil }
        let grosses = sums(byKind.map { ($0.kind, $0.gross ?? $0.net) })
        for share in shares.kinds {
            let tax = share.taxes.map(\.amount).sum(in: share.net.currency)
            if nets[share.kind] ?? 0 > share.net.minorUnits { faults.append("net of \(share.kind)") }
            if grosses[share.kind] ?? 0 > (share.net + tax).minorUnits { faults.append("\(share.kind)") }
        }
        for (rate, tax) in takenTax where tax > shownTax[rate] ?? 0 {
            faults.append("tax of \(rate?.percentText ?? "no") %")
        }
        if takenNet > receipt.net { faults.append("net") }
        for kind in left.kinds
        where ([kind.net] + kind.taxes.map(\.amount)).contains(where: { $0.minorUnits < 0 }) {
            faults.append("what is left of \(kind.kind)")
        }
        return faults
    }
}

extension CreditNote {
    /// What on it alone does not agree.
    fileprivate func faults(of extent: Extent) -> [String] {
        var faults: [String] = []
        let tax = taxes.map(\.amount).sum(in: gross.currency)
        if net + tax != gross { faults.append("net and tax are not gross") }
        if lines.map(\.net).sum(in: gross.currency) != net { faults.append("lines are not net") }
        if (lines.map(\.net) + taxes.map(\.amount)).contains(where: { $0.minorUnits < 0 }) {
            faults.append("something is taken back twice")
        }
        switch extent {
        case .amount(let amount):
            if gross != amount { faults.append("gross is not the amount") }
        case .kinds(let portions):
            let corrected = lines.map { Portion(kind: $0.kind, amount: $0.gross ?? .zero(gross.currency)) }
            if corrected != portions { faults.append("lines are not those that were asked for") }
        }
        return faults
    }
}

extension ReceiptBench {
    /// A bill of one to four kinds, each of them at a rate of its own.
    fileprivate init(random: inout SplitMix64) {
        let rates = [Self.vat, TaxRate(percent: 7), TaxRate(percent: 0), TaxRate(percent: "8.875")]
        let kinds: [TariffDimension] = [.energy, .time, .parking, .flat].filter { _ in
            Bool.random(using: &random)
        }
        mode = Bool.random(using: &random) ? .included : .excluded
        currency = Bool.random(using: &random) ? .eur : .jpy
        usage.intervals.append(
            Usage.Interval(from: Self.ended, to: Self.ended + .minutes(10), .parking))
        components = (kinds.isEmpty ? [.energy] : kinds).map { kind in
            PriceComponent(
                kind, Rate(billionths: Int64.random(in: 1...2_000, using: &random) * 10_000_000),
                tax: rates[Int.random(in: 0..<rates.count, using: &random)])
        }
    }
}
