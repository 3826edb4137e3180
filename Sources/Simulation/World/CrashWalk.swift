// SPDX-License-Identifier: Apache-2.0

package import Billing
import Charging
import Payments
import Quantities
import Storage

/// One visit, walked step by step on a durable database, by a process that may be killed at any moment and is then walked
/// on by another one (decided.md, Crash tests).
///
/// What a driver and a station would remember is kept in a file beside: the station repeats what was not acknowledged,
/// the driver looks again. Time stands still but for what the walk lets pass, so that a run takes no time.
package struct CrashWalk: Sendable {
    /// Which path of the money is walked.
    package enum Path: String, Sendable, CaseIterable {
        /// A guest pays on the gateway's page.
        case guest
        /// A card of a prepaid account is tapped.
        case wallet
    }

    /// What the world outside remembers.
    package struct Memory: Codable, Sendable {
        /// Nanoseconds; time never runs backwards.
        package var now: Int64
        var token: String?
        var number: Int64?
        /// How many messages of the station were acknowledged: start, reading, stop.
        var acknowledged = 0
        var begun: Int64 = 0
        /// The driver's link.
        var checkout: CheckoutID?

        package init(now: Int64) { self.now = now }
    }

    /// How it ended.
    package struct Report: Sendable {
        /// Minor units taken and kept, by our books and by the Sandbox's.
        package var keptHere: Int64
        package var keptThere: Int64
        /// What the energy that a bill stands for costs.
        package var owed: Int64
        package var broken: [String]
    }

    private let desk: Desk
    private let path: Path
    private let start: Memory
    private let keep: @Sendable (Memory) throws -> Void
    private let office: SandboxOffice
    private let door: StationDesk
    private let workers: Workers

    /// - Parameters:
    ///   - start: what the world outside remembers from before.
    ///   - keep: keeps what it remembers, whatever becomes of this process.
    package init(
        desk: Desk, path: Path, from start: Memory, sender: any GatewaySender,
        keep: @escaping @Sendable (Memory) throws -> Void
    ) {
        self.desk = desk
        self.path = path
        self.start = start
        self.keep = keep
        office = SandboxOffice(desk: desk)
        door = StationDesk(desk: desk)
        workers = Workers(desk: desk, couriers: [PaymentCourier(desk: desk, sender: sender), office])
    }

    private func remember(_ memory: inout Memory) throws {
        memory.now = desk.clock.now.nanoseconds
        try keep(memory)
    }

    /// Walks to the end, whatever was done before.
    package func run() async throws -> Report {
        var memory = start
        let founded = try await FoundInstallation(desk: desk)(operatorKey: nil)
        let seeded = try await SeedDemonstration(desk: desk)(in: founded.organisation)
        let now = desk.clock.now
        try await desk.store.transaction { tx in try tx.releaseLeases(of: desk.settings.node, at: now) }
        let found = try await desk.store.read { tx in try tx.station(identity: "DEMO-2")?.id }
        guard let station = found else { throw CrashWalkTrouble.noStation }
        try await door.connected(station, connection: desk.ids.new(at: now), version: "1.6")
        let code = seeded.stations.last?.code ?? ""
        for _ in 0..<60 {
            if memory.token == nil { memory.token = try await token(code, seeded.card, station, &memory) }
            try await charge(at: station, &memory)
            try remember(&memory)
            if memory.acknowledged == 3 { break }
            try await pass(.seconds(5), &memory)
        }
        for step: Elapsed in [
            .seconds(10), .minutes(1), .minutes(6), .minutes(16), .hours(2), .hours(12), .hours(24),
        ] {
            try await pass(step, &memory)
        }
        return try await report()
    }

    private func pass(_ time: Elapsed, _ memory: inout Memory) async throws {
        desk.clock.advance(by: time)
        try remember(&memory)
        for _ in 0..<60 {
            let told = try await office.passTime()
            if try await workers.round() + told == 0 { return }
        }
    }

    // MARK: the driver

    /// The token the station starts with; nil while it is not known.
    private func token(
        _ code: String, _ card: String, _ station: StationID, _ memory: inout Memory
    ) async throws -> String? {
        guard path == .guest else { return card }
        try await payIfNeeded(code, &memory)
        try await pass(.zero, &memory)
        // One at a time; of one that is too late nothing is seen but an empty hand.
        for _ in 0..<10 {
            for command in try await door.claimCommands(for: [station]) {
                try await door.recordReply(.accepted, to: command)
                if case .start(_, _, let token, _) = command.command { return token.uid }
            }
        }
        return nil
    }

    /// Scans if there is no visit that is still alive, accepts, picks an instrument if the page still waits, and tries a
    /// failed start again.
    private func payIfNeeded(_ code: String, _ memory: inout Memory) async throws {
        let link = memory.checkout
        let open = try await desk.store.read { tx -> (CheckoutRecord, QuoteRecord, PaymentRecord?, String)? in
            guard let link, let checkout = try tx.find(CheckoutRecord.self, link),
                let bill = try tx.find(BillRecord.self, checkout.bill),
                ["quoted", "funding", "funded", "starting"].contains(bill.status),
                let quote = try tx.find(QuoteRecord.self, checkout.quote)
            else { return nil }
            return (checkout, quote, try tx.payments(of: bill.id).last, bill.status)
        }
        guard let (checkout, quote, payment, status) = open else {
            memory.checkout = try await OpenCheckout(desk: desk)(.init(evseCode: code)).0.id
            return try remember(&memory)
        }
        if let payment, !payment.isOver {
            if payment.status == "action_required" { try await office.choose("ok", for: payment.id.text) }
            if status == "funded" {
                do {
                    try await StartSession(desk: desk)(checkout.id)
                } catch is CheckoutRefusal {
                    return  // too late: the hold goes back, and the driver begins anew
                }
            }
            return
        }
        _ = try await RequestHold(desk: desk)(checkout.id, accepting: quote.hash, clientKey: "form")
    }

    // MARK: the station

    private func charge(at station: StationID, _ memory: inout Memory) async throws {
        guard let token = memory.token else { return }
        if memory.begun == 0 {
            memory.begun = desk.clock.now.nanoseconds
            try remember(&memory)
        }
        let begun = Instant(nanoseconds: memory.begun)
        let start = Energy(wattHours: 1_000_000)
        while memory.acknowledged < 3 {
            let minutes = Int64(memory.acknowledged) * 20
            let at = begun + .minutes(minutes)
            let presented = PresentedToken(uid: token)
            let half = start + Energy(wattHours: 5_000)
            let kinds: [[Fact.Kind]] = [
                [.started(register: start), .token(presented)],
                [.reading(Reading(.importRegister, value: half.milliwattHours))],
                [.ended(register: start + Energy(wattHours: 10_000), reason: "Local")],
            ]
            if at > desk.clock.now { desk.clock.advance(by: at - desk.clock.now) }
            let received = desk.clock.now
            let facts = kinds[memory.acknowledged].map { Fact($0, measuredAt: at, receivedAt: received) }
            let isStart = memory.acknowledged == 0
            let report = TransactionReport(
                reference: isStart ? .new : .number(memory.number ?? 0), evse: 1,
                connector: isStart ? 1 : nil,
                token: isStart ? presented : nil, facts: facts)
            let frame = ReceivedFrame(
                station: station, connection: desk.ids.new(at: desk.clock.now), version: "1.6",
                messageID: "m\(memory.acknowledged)", action: "walk",
                bytes: Array("\(memory.acknowledged)".utf8),
                receivedAt: desk.clock.now)
            let answer = try await door.receive(.transaction(report), in: frame)
            if case .transaction(let told) = answer, isStart { memory.number = told.number }
            memory.acknowledged += 1
            try remember(&memory)
            try await pass(.zero, &memory)
        }
    }

    // MARK: what became of it

    private func report() async throws -> Report {
        var broken: [String] = []
        for finding in try await Invariants(desk: desk)() where !finding.offenders.isEmpty {
            broken.append("\(finding.id): \(finding.rule) \(finding.offenders.joined(separator: ", "))")
        }
        let (clearing, there, receivable, owed) = try await desk.store.read {
            tx -> (Int64, Int64, Int64, Int64) in
            let accounts = try tx.organisations().flatMap { try tx.trialBalance(of: $0.id).accounts }
            func sum(_ prefix: String) -> Int64 {
                accounts.filter { $0.account.hasPrefix(prefix) }.map(\.posted.minorUnits).reduce(0, +)
            }
            let gateway =
                try tx.organisations().compactMap { try tx.gatewayAccount(of: $0.id)?.id.text }.first ?? ""
            let there = try tx.sandboxObjects("balance \(gateway)").compactMap { Int64($0.body) }.reduce(0, +)
            let owed = try tx.ratedBills().compactMap(\.totalMinor).reduce(0, +)
            return (sum("Assets:Clearing"), there, sum("Assets:Receivable:Session"), owed)
        }
        if receivable != 0 { broken.append("receivables are left: \(receivable)") }
        return Report(keptHere: clearing, keptThere: there, owed: owed, broken: broken)
    }
}

/// Why a walk could not even begin.
package enum CrashWalkTrouble: Error, Hashable {
    case noStation
}
