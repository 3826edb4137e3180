// SPDX-License-Identifier: Apache-2.0

package import Billing
import Charging
import Quantities
import Storage

/// Many sessions at once, each from its start message to its receipt: what the settlement benchmark measures.
///
/// Every session is a prepaid one on a station of its own: start, one reading, stop, settlement, receipt. No gateway is
/// in the way, so the figure is that of our own code and database.
package struct SettlementLoad: Sendable {
    private let desk: Desk
    private let door: StationDesk
    private let lanes: [Lane]

    /// A station with a driver of its own: nobody waits for another's wallet.
    private struct Lane: Sendable {
        var station: StationID
        var card: String
    }

    /// Makes a network with so many stations.
    package init(desk: Desk, stations count: Int) async throws {
        self.desk = desk
        door = StationDesk(desk: desk)
        let founded = try await FoundInstallation(desk: desk)(operatorKey: nil)
        _ = try await SeedDemonstration(desk: desk)(in: founded.organisation)
        let now = desk.clock.now
        lanes = try await desk.store.transaction { tx in
            guard let first = try tx.station(identity: "DEMO-1"),
                let site = try tx.find(SiteRecord.self, first.site)
            else { return [] }
            return try (0..<count).map { try Self.lane($0, at: site, with: desk, in: tx, now: now) }
        }
    }

    private static func lane(
        _ number: Int, at site: SiteRecord, with desk: Desk, in tx: Tx, now: Instant
    ) throws -> Lane {
        let plan = StationPlan(
            identity: "LOAD-\(number)", securityProfile: 0, passwordHash: nil,
            evses: [StationPlan.EVSE(number: 1, current: .dc, powerMax: Power(watts: 150_000))])
        let account = AccountRecord(
            id: desk.ids.new(at: now), organisation: site.organisation, kind: .personal,
            name: "Driver \(number)",
            funding: .wallet, status: .active, createdAt: now)
        try tx.insert(account)
        // The wallet is not what is measured: its floor lets it never run dry.
        try tx.insert(
            WalletRecord(
                id: desk.ids.new(at: now), organisation: site.organisation, account: account.id,
                currency: .eur,
                posted: 0, pending: 0, floor: -1_000_000_000_00, createdAt: now))
        let card = "LOADCARD\(number)"
        try tx.insert(
            TokenRecord(
                id: desk.ids.new(at: now), organisation: site.organisation, kind: .rfid, uid: card,
                folded: card,
                account: account.id, status: .active, createdAt: now))
        return Lane(station: try plan.make(at: site, with: desk, in: tx, at: now).station.id, card: card)
    }

    /// Runs so many sessions on each station, all stations at the same time; gives how many were settled.
    package func run(perStation: Int) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in lanes {
                group.addTask {
                    var settled = 0
                    for number in 0..<perStation where try await session(number, on: lane) { settled += 1 }
                    return settled
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private func session(_ number: Int, on lane: Lane) async throws -> Bool {
        let station = lane.station
        let begun = desk.clock.now - .hours(2) + .minutes(Int64(number % 60))
        let start = Energy(kilowattHours: Int64(number) * 10)
        let told = try await say(
            TransactionReport(
                reference: .new, evse: 1, connector: 1, token: PresentedToken(uid: lane.card),
                facts: [fact(.started(register: start), at: begun)]), at: station)
        guard case .transaction(let answer) = told.answer, let id = told.session else { return false }
        let middle = Reading(.importRegister, value: (start + Energy(kilowattHours: 5)).milliwattHours)
        _ = try await say(
            TransactionReport(
                reference: .number(answer.number), facts: [fact(.reading(middle), at: begun + .minutes(15))]),
            at: station)
        _ = try await say(
            TransactionReport(
                reference: .number(answer.number),
                facts: [
                    fact(
                        .ended(register: start + Energy(kilowattHours: 10), reason: "Local"),
                        at: begun + .minutes(30))
                ]),
            at: station)
        guard case .billed = try await SettleSession(desk: desk)(id) else { return false }
        return true
    }

    private func fact(_ kind: Fact.Kind, at instant: Instant) -> Fact {
        Fact(kind, measuredAt: instant, receivedAt: desk.clock.now)
    }

    private func say(_ report: TransactionReport, at station: StationID) async throws -> StationReply {
        let now = desk.clock.now
        let frame = ReceivedFrame(
            station: station, connection: desk.ids.new(at: now), version: "1.6", messageID: desk.ids.secret(),
            action: "load", bytes: Array(repeating: 32, count: 300), receivedAt: now)
        return try await ReceiveStationMessage(desk: desk)(.transaction(report), in: frame)
    }

    /// The same number of rows in the same number of transactions, and nothing else: what the database alone can do.
    package static func baseline(
        on desk: Desk, transactions: Int, rows: Int, concurrency: Int
    ) async throws {
        let perTransaction = max(1, rows / max(1, transactions))
        let organisation: OrganisationID = desk.ids.new(at: desk.clock.now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<concurrency {
                group.addTask {
                    for _ in stride(from: worker, to: transactions, by: concurrency) {
                        let now = desk.clock.now
                        let records = (0..<perTransaction).map { _ in
                            AuditRecord(
                                id: desk.ids.new(at: now), organisation: organisation, actor: "bench",
                                action: "write",
                                object: String(repeating: "x", count: 200), at: now)
                        }
                        try await desk.store.transaction { tx in
                            for record in records { try tx.insert(record) }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
