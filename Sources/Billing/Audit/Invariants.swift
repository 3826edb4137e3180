// SPDX-License-Identifier: Apache-2.0

import Accounting
import Digests
package import Quantities
import Storage
import Tariffs

/// What must always be true (payments.md §9), checked on live data. Tests, `simulate`, `audit` and the worker run the
/// same list; it reads and changes nothing.
package struct Invariants: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// One invariant and what breaks it.
    package struct Finding: Sendable, Hashable {
        /// `I1` to `I34`.
        package let id: String
        /// What must be true.
        package let rule: String
        /// The objects for which it is not; none is good.
        package let offenders: [String]

        package init(id: String, rule: String, offenders: [String]) {
            self.id = id
            self.rule = rule
            self.offenders = offenders
        }
    }

    /// Which sessions are folded again: those that became final from then on, and before then.
    package struct Span: Sendable, Hashable {
        package var from: Instant?
        package var to: Instant?

        /// Without bounds: all of them.
        package init(from: Instant? = nil, to: Instant? = nil) {
            self.from = from
            self.to = to
        }
    }

    private struct Check: Sendable {
        let id: String
        let rule: String
        let offenders: @Sendable (Tx, Instant) throws -> [String]
    }

    /// All findings, in the order of their numbers. Folding sessions again takes the longest: `progress` hears how many
    /// are done.
    package func callAsFunction(
        folding span: Span = Span(), progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> [Finding] {
        let now = desk.clock.now
        var findings: [Finding] = []
        for check in Self.byQuery + Self.byReading + [rerated] {
            let offenders = try await desk.store.read { tx in try check.offenders(tx, now) }
            findings.append(Finding(id: check.id, rule: check.rule, offenders: offenders))
        }
        findings.append(try await RefoldSessions(desk: desk)(span, progress: progress))
        return findings.sorted { (Int($0.id.dropFirst()) ?? 0) < (Int($1.id.dropFirst()) ?? 0) }
    }

    private static let byQuery: [Check] = [
        Check(id: "I1", rule: "Every ledger transaction sums to zero in every currency it touches.") {
            tx, _ in
            try tx.unbalancedTransactions()
        },
        Check(id: "I4", rule: "No transaction mixes currencies but through Equity:Conversion.") { tx, _ in
            try tx.mixedTransactions()
        },
        Check(id: "I6", rule: "A wallet's balance is that of its entries and never below its floor.") {
            tx, _ in
            try tx.wrongWallets()
        },
        Check(id: "I7", rule: "Every pending transaction is resolved exactly once.") { tx, _ in
            try tx.danglingReservations()
        },
        Check(id: "I8", rule: "The sum posted from a hold never exceeds the hold.") { tx, _ in
            try tx.overdrawnReservations()
        },
        Check(id: "I9", rule: "Refunds of a payment never exceed what it captured.") { tx, _ in
            try tx.overRefundedPayments()
        },
        Check(id: "I10", rule: "After each settlement import clearing equals the gateway's balance.") {
            tx, _ in
            try tx.newestImports().filter { $0.unexplainedMinor != 0 }.map(\.id.text)
        },
        Check(id: "I26", rule: "An unpaid remainder is a debt with an owner, and nothing else is.") { tx, _ in
            try tx.ownerlessDebts()
        },
        Check(id: "I15", rule: "The sum captured for a bill never exceeds its final amount.") { tx, _ in
            try tx.overcollectedBills()
        },
        Check(id: "I16", rule: "No gateway request is sent without a committed attempt.") { tx, _ in
            try tx.unwrittenAttempts()
        },
        Check(id: "I20", rule: "No doubt exists without a scheduled check.") { tx, _ in
            try tx.forgottenDoubts()
        },
        Check(id: "I21", rule: "No hold outlives its session by more than 2 min.") { tx, now in
            try tx.lingeringHolds(at: now)
        },
        Check(id: "I22", rule: "Not-started and zero-energy sessions are never charged.") { tx, _ in
            try tx.chargedForNothing()
        },
        Check(id: "I24", rule: "Billed energy is never negative; one bill per session.") { tx, _ in
            try tx.impossibleSessions()
        },
        Check(id: "I28", rule: "No object belongs to two organisations.") { tx, _ in try tx.strayObjects() },
        Check(id: "I31", rule: "Document numbers are gapless; one receipt per paid bill.") { tx, _ in
            try tx.brokenSeries()
        },
    ]

    private static let byReading: [Check] = [
        Check(id: "I12", rule: "The journal is hash-chained and gapless.") { tx, _ in try brokenLinks(in: tx)
        },
        Check(id: "I11", rule: "The trial balance nets to zero.") { tx, _ in
            try tx.organisations().flatMap { organisation in
                try tx.trialBalance(of: organisation.id).totals.filter { !$0.isZero }.map {
                    "\(organisation.id) \($0)"
                }
            }
        },
    ]

    /// I12: walks every chain from its first record.
    private static func brokenLinks(in tx: Tx) throws -> [String] {
        var offenders: [String] = []
        for organisation in try tx.organisations() {
            var previous = ChainLink.genesis
            var expected: Int64 = 1
            try tx.forEachLedgerRecord(of: organisation.id) { record in
                let fits =
                    record.seq == expected && record.previousHash == previous
                    && record.hash == ChainLink.hash(previous: previous, record: record.record)
                if !fits { offenders.append(record.id.text) }
                previous = record.hash
                expected += 1
            }
        }
        return offenders
    }

    /// I23: every final session is rated again from its stored facts under its frozen quote.
    private var rerated: Check {
        Check(id: "I23", rule: "The amount charged equals rating the frozen quote and readings.") {
            tx, _ in
            try tx.ratedBills().filter { bill in
                guard let session = try bill.session.flatMap({ try tx.find(SessionRecord.self, $0) }) else {
                    return true
                }
                return try !bill.charges(for: session.folded, zones: desk.zones, in: tx)
            }.map(\.id.text)
        }
    }
}
