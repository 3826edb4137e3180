// SPDX-License-Identifier: Apache-2.0
import Charging
import Quantities
import Storage
import Testing

/// SQL is text until an engine reads it. So every question is asked once on each of them, of an empty
/// database.
@Suite("every engine understands", .timeLimit(.minutes(1)))
struct QuestionsTests {
    private let now = Instant(seconds: 1_700_000_000)

    private func id<Owner>(_ owner: ID<Owner>.Type = ID<Owner>.self) -> ID<Owner> { ID(at: now, random: 1) }

    private func ask(_ bench: TestBench, _ questions: @escaping @Sendable (Tx) throws -> Void) async throws {
        try await bench.withStore(migrations: Migration.product) { store in
            try await store.transaction(questions)
        }
    }

    @Test("what is asked about stations and sessions", arguments: TestBench.engines)
    func stationsAndSessions(bench: TestBench) async throws {
        try await ask(bench) { tx in
            #expect(try tx.station(identity: "CP1") == nil)
            #expect(try tx.evse(number: 1, of: id()) == nil)
            #expect(try tx.evse(code: "AB12") == nil)
            #expect(try tx.evses(of: id()).isEmpty)
            #expect(try tx.token(folded: "04a2", of: id()) == nil)
            #expect(try tx.wallets(of: id()).isEmpty)
            #expect(try tx.tariffVersion(of: id(), at: now) == nil)
            for _ in 0..<2 { try tx.noteWaiting(("CP1", "::1", "ocpp1.6", true), at: now) }
            #expect(try tx.lockSession(number: 1, at: id()) == nil)
            #expect(try tx.lockSession(named: "t", at: id()) == nil)
            #expect(try tx.lockSession(startKey: "k", at: id()) == nil)
            #expect(try tx.openSessions(of: id()).isEmpty)
            #expect(try tx.sessions(of: id(), startedBefore: now, limit: 5).isEmpty)
            #expect(try tx.sessions(of: id(), in: SessionStatus.allCases, limit: 5).isEmpty)
            #expect(try tx.sessionsDue(at: now, limit: 5).isEmpty)
            #expect(try tx.sessionsToRate(before: now, limit: 5).isEmpty)
            #expect(try tx.facts(of: id()).isEmpty)
            #expect(try tx.frames(of: id(), limit: 5).isEmpty)
            #expect(try tx.answeredFrame("m", sha256: "0", of: id(), since: now) == nil)
            #expect(try tx.lockCommand(remoteStart: 1, at: id()) == nil)
            #expect(try tx.lockStartCommand(token: "x", at: id()) == nil)
            #expect(try tx.commandsToCheck(at: now, limit: 5).isEmpty)
            #expect(try tx.commands(of: id()).isEmpty)
            #expect(try tx.nextNumber(of: "session", for: "sta_1") == 1)
            #expect(try tx.nextNumber(of: "session", for: "sta_1") == 2)
        }
    }

    @Test("what is asked about events and webhooks", arguments: TestBench.engines)
    func events(bench: TestBench) async throws {
        try await ask(bench) { tx throws in
            tx.tell(.webhookTest, as: id(), of: "whk_1", for: id(), picture: [:], at: now)
            #expect(try tx.events(of: "whk_1").map(\.sequence) == [1])
            #expect(try tx.events(of: id(), from: now, to: now, after: nil, limit: 5).isEmpty)
            #expect(try tx.forgetEvents(before: now, limit: 5) == 0)
            #expect(try tx.webhookEndpoints(of: id()).isEmpty)
            #expect(try tx.lastReplay(of: id(), to: id()) == 0)
        }
    }

    @Test("what is asked about money and books", arguments: TestBench.engines)
    func moneyAndBooks(bench: TestBench) async throws {
        try await ask(bench) { tx in
            #expect(try tx.bill(of: id()) == nil)
            #expect(try tx.payments(of: id()).isEmpty)
            #expect(try tx.attempts(of: id()).isEmpty)
            #expect(try tx.checkout(secret: "s") == nil)
            #expect(try tx.checkout(clientKey: "k", of: id()) == nil)
            var words = ListFilter()
            words.metadata = ["crm": "A-17", "$.crm": "A-17"]
            #expect(try tx.page(of: AccountRecord.self, for: id(), words).rows.isEmpty)
            words.metadata = ["crm": "A-17"]
            #expect(try tx.page(of: PaymentRecord.self, for: id(), words).rows.isEmpty)
            #expect(try tx.drivers(of: id()).isEmpty)
            #expect(try tx.tokens(of: id()).isEmpty)
            #expect(try tx.sessions(paidBy: id()).isEmpty)
            #expect(try tx.documents(for: id()).isEmpty)
            try tx.forgetAliases(of: id())
            try tx.forgetDriverTokens(of: id())
            #expect(try tx.holdsToAnnounce(captureBefore: now, limit: 5).isEmpty)
            #expect(try tx.invoicesToAnnounce(dueBefore: now, limit: 5).isEmpty)
            #expect(try tx.liveCheckouts(of: id(), since: now).isEmpty)
            #expect(try tx.checkoutsToRelease(failedBefore: now, limit: 5).isEmpty)
            #expect(try tx.checkoutsLeftBehind(before: now, limit: 5).isEmpty)
            #expect(try tx.attemptsToCheck(at: now, limit: 5).isEmpty)
            #expect(try tx.lockWallet(of: id(), in: .eur) == nil)
            #expect(try tx.gatewayAccount(of: id()) == nil)
            #expect(try !tx.isPosted("session owed", cause: "c", of: id()))
            #expect(try tx.lockReservation(of: id(PaymentID.self)) == nil)
            #expect(try tx.lockReservation(cause: "c", of: id()) == nil)
            #expect(try tx.refunds(of: id()).isEmpty)
            #expect(try tx.debts(of: id()).isEmpty)
            #expect(try tx.openDebts(of: id()).isEmpty)
            #expect(try tx.openDebts(fingerprint: "f", of: id()).isEmpty)
            #expect(try tx.debtsDue(at: now, openedBefore: now, limit: 5).isEmpty)
            #expect(try tx.methods(of: id()).isEmpty)
            #expect(try tx.method(of: id()) == nil)
            #expect(try tx.defaultMethod(of: id()) == nil)
            #expect(try tx.disputes(of: id()).isEmpty)
            #expect(try tx.dispute("d", of: id()) == nil)
            #expect(try tx.disputesToAnswer(dueBefore: now, limit: 5).isEmpty)
            #expect(try tx.undisputedPayments(fingerprint: "f", of: id(), before: now, limit: 5).isEmpty)
            #expect(try tx.unbilled(of: id(), ratedBefore: now).isEmpty)
            #expect(try tx.bills(on: id()).isEmpty)
            #expect(try tx.invoices(of: id()).isEmpty)
            #expect(try tx.invoice(label: "I-1", of: id()) == nil)
            #expect(try tx.invoicedAccounts().isEmpty)
            #expect(try tx.unbilledMinor(of: id(), in: .eur) == 0)
            #expect(try tx.unpaidMinor(of: id(), in: .eur) == 0)
            #expect(try !tx.isOverdue(id(), since: now))
            #expect(try tx.topUps(of: id()).isEmpty)
            #expect(try tx.topUps(of: id(), since: now).isEmpty)
            #expect(try tx.holds(captureBefore: now, limit: 5).isEmpty)
            #expect(try tx.strandedHolds(before: now, limit: 5).isEmpty)
            #expect(try tx.paymentsToList(createdAfter: now, lookedBefore: now, limit: 5).isEmpty)
            #expect(try tx.doubts(sentBefore: now, limit: 5).isEmpty)
            #expect(try tx.stuckBills(since: now, limit: 5).isEmpty)
            #expect(try tx.unsettled(capturedBefore: now, limit: 5).isEmpty)
            #expect(try tx.settlementLine("l", of: id()) == nil)
            #expect(try tx.payment(reference: "r", at: id()) == nil)
            #expect(try tx.balance(of: "Assets:Disputed", in: .eur, of: id()) == 0)
            #expect(try tx.unlistedMinor(of: id(), in: .eur) == 0)
            #expect(try tx.newestImports().isEmpty)
            #expect(try tx.setUps(of: id()).isEmpty)
            #expect(try tx.unmatchedLines(of: id(), limit: 5).isEmpty)
            #expect(try tx.gatewayAccountsToRead().isEmpty)
            #expect(try tx.lockCursor("settlement", of: id()) == nil)
            #expect(try tx.entries(of: id()).isEmpty)
            #expect(try tx.trialBalance(of: id()).accounts.isEmpty)
            #expect(try tx.documents(of: id(BillID.self)).isEmpty)
            #expect(try tx.documents(of: id(SessionID.self)).isEmpty)
            #expect(try tx.nextDocument(of: "R", for: id()).number == 1)
            #expect(try tx.organisations().isEmpty)
            #expect(try tx.ratedBills().isEmpty)
            try tx.forEachLedgerRecord(of: id()) { _ in }
            var filter = Tx.LedgerFilter()
            (filter.account, filter.template, filter.session, filter.payment) = ("a", "t", id(), id())
            (filter.from, filter.to) = (CivilDate(daysSinceEpoch: 0), CivilDate(daysSinceEpoch: 1))
            #expect(try tx.transactions(of: id(), filter: filter, before: 9, limit: 5).isEmpty)
        }
    }

    @Test("what is asked about work, parcels and deliveries", arguments: TestBench.engines)
    func work(bench: TestBench) async throws {
        let later = now + .minutes(1)
        try await ask(bench) { tx in
            for number in 1...2 {
                try tx.insert(
                    ParcelRecord(
                        id: ID(at: now, random: UInt128(number)), stream: "pay_1", destination: "gateway",
                        kind: "attempt", body: "att_\(number)", dueAt: now, createdAt: now))
            }
            try tx.insert(
                DeliveryRecord(
                    id: id(), source: "stripe", externalId: "e", headers: ["a": "b"], body: [0],
                    receivedAt: now))
            func claim(_ limit: Int) throws -> [ParcelRecord] {
                try tx.claimParcels(
                    to: ["gateway", "sandbox"], by: "one", at: now, until: later, limit: limit)
            }

            // One at a time per stream, so the second one waits for the first.
            let first = try claim(5)
            #expect(first.map(\.body) == ["att_1"])
            #expect(try claim(5).isEmpty)
            #expect(try tx.finish(first[0], as: "done"))
            #expect(try !tx.finish(first[0], as: "done", dueAt: later))
            #expect(try claim(5).map(\.body) == ["att_2"])
            try tx.releaseLeases(of: "one", at: now)
            try tx.withdrawParcels(of: "station:sta_1", carrying: "cmd_1")
            let deliveries = try tx.claimDeliveries(by: "one", at: now, until: later, limit: 5)
            #expect(deliveries.map(\.headers) == [["a": "b"]])
            #expect(try tx.finish(deliveries[0], as: "deferred", dueAt: later, error: "e"))
            #expect(try tx.waiting() == (1, 1))
            #expect(try tx.openWorkItems(of: id(), limit: 5).isEmpty)
            #expect(try tx.installationValue("name") == nil)
            #expect(try tx.installationValue("name", orSet: "a") == "a")
            #expect(try tx.installationValue("name", orSet: "b") == "a")
            #expect(try tx.latestInstant() == nil)
            try tx.saveSandboxObject("k", "n", "1")
            try tx.saveSandboxObject("k", "n", "2")
            #expect(try tx.sandboxObject("k", "n") == "2")
            #expect(try tx.sandboxObjects("k").map(\.name) == ["n"])
            try tx.deleteSandboxObject("k", "n")
        }
    }

    @Test("what the audit asks", arguments: TestBench.engines)
    func audit(bench: TestBench) async throws {
        try await ask(bench) { tx in
            let broken = [
                try tx.unbalancedTransactions(), try tx.mixedTransactions(), try tx.wrongWallets(),
                try tx.danglingReservations(), try tx.overdrawnReservations(), try tx.overcollectedBills(),
                try tx.unwrittenAttempts(), try tx.forgottenDoubts(), try tx.lingeringHolds(at: now),
                try tx.chargedForNothing(), try tx.impossibleSessions(), try tx.brokenSeries(),
                try tx.strayObjects(),
            ]
            #expect(broken.allSatisfy { $0.isEmpty })
        }
    }
}
