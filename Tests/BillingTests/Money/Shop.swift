// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Foundation
import Logging
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// A whole till in one process with the real Sandbox behind it: drivers, a station, workers and a clock that the test
/// moves. Nothing of ours is imitated; only the wires between the two can be cut.
struct Shop: Sendable {
    let desk: Desk
    let door: StationDesk
    let office: SandboxOffice
    let workers: Workers
    let organisation: OrganisationID
    let seeded: SeedDemonstration.Seeded
    var stations: [StationID]

    /// Founded on an empty database, or found on one that is not; `place` decides which engine. `node` is the name of a
    /// process: two of them on one database are two servers. A `wire` can be cut.
    static func open(
        _ place: DatabaseLocation = .memory, seed: UInt64 = 1, node: String = "one",
        clock: WallClock = WallClock(frozenAt: Instant(seconds: 1_800_000_000)), through wire: Wire? = nil,
        mails: (any MailSender)? = nil
    ) async throws -> Shop {
        let gateway = SandboxGateway()
        var settings = Settings(publicURL: "", node: node)
        settings.sendsMail = mails != nil
        let desk = Desk(
            store: try await Store.open(place, options: StoreOptions(keys: keys)), clock: clock,
            ids: IDSource(seed: seed), zones: EverywhereUTC(), gateways: [gateway.kind: gateway],
            settings: settings,
            log: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        return try await Shop(desk, through: wire, mails: mails)
    }

    /// What all servers of a test seal with.
    private static let keys = InstallationKeys(String(repeating: "5eaf00d1", count: 8))

    init(_ desk: Desk, through wire: Wire? = nil, mails: (any MailSender)? = nil) async throws {
        self.desk = desk
        organisation = try await FoundInstallation(desk: desk)(operatorKey: nil).organisation
        seeded = try await SeedDemonstration(desk: desk)(in: organisation)
        door = StationDesk(desk: desk)
        office = SandboxOffice(desk: desk)
        wire?.connect(to: office)
        let mail: [any Courier] = mails.map { [MailCourier(desk: desk, sender: $0)] } ?? []
        workers = Workers(
            desk: desk, couriers: [PaymentCourier(desk: desk, sender: wire ?? office), office] + mail)
        stations = try await desk.store.read { [seeded] tx in
            try seeded.stations.compactMap { try tx.station(identity: $0.identity)?.id }
        }
        for station in stations {
            try await door.connected(station, connection: desk.ids.new(at: desk.clock.now), version: "1.6")
        }
    }

    var author: Author { Author(organisation: organisation, name: "operator") }

    // MARK: time

    /// Every worker until there is nothing left to do.
    func work() async throws {
        for _ in 0..<60 {
            let told = try await office.passTime()
            if try await workers.round() + told == 0 { return }
        }
    }

    /// Lets time pass; every worker looks before and after.
    func pass(_ time: Elapsed) async throws {
        try await work()
        desk.clock.advance(by: time)
        try await work()
    }

    /// Long enough, in small steps, for every look-up, retry and deadline to have come.
    func settleEverything() async throws {
        for step: Elapsed in [.seconds(11), .minutes(1), .minutes(6), .minutes(16), .hours(1)] {
            try await pass(step)
        }
        for _ in 0..<9 { try await pass(.hours(4)) }
    }

    // MARK: drivers

    /// A guest at a station: 0 is a DC one of 150 kW (hold 40.00), 1 an AC one of 22 kW (hold 25.00); 0.49 a kWh.
    func scan(_ station: Int = 0, limit: Money? = nil) async throws -> (CheckoutRecord, QuoteRecord) {
        try await OpenCheckout(desk: desk)(.init(evseCode: seeded.stations[station].code, limit: limit))
    }

    /// Accepts the price, and picks an instrument on the gateway's page.
    func pay(
        _ visit: (checkout: CheckoutRecord, quote: QuoteRecord), with instrument: String, key: String = "form"
    ) async throws -> PaymentRecord {
        let payment = try await RequestHold(desk: desk)(
            visit.checkout.id, accepting: visit.quote.hash, clientKey: key)
        try await work()
        try await office.choose(instrument, for: payment.id.text)
        try await work()
        return try await row(payment)
    }

    /// What goes wrong next at the gateway, by the fault's number (payments.md §10).
    func arm(_ fault: String) async throws {
        try await office.arm(try #require(ArmedFault.named(fault)), of: organisation)
    }

    func arm(_ what: String, on operation: String, times: Int64 = 1) async throws {
        try await office.arm(ArmedFault(operation: operation, what: what, times: times), of: organisation)
    }

    // MARK: the station

    /// Takes every command that waits, one after the other as a station gets them, and says yes, or what it says.
    func takeCommands(_ station: Int, saying reply: CommandReply = .accepted) async throws -> [StationCommand]
    {
        var taken: [StationCommand] = []
        // one at a time; of those that are too late nothing is seen but an empty hand
        for _ in 0..<20 {
            for command in try await door.claimCommands(for: [stations[station]]) {
                try await door.recordReply(reply, to: command)
                taken.append(command.command)
            }
        }
        return taken
    }

    /// Takes the start command that waits, and says yes; gives the token to start with.
    func takeStart(_ station: Int = 0) async throws -> String? {
        try await takeCommands(station).compactMap { command in
            if case .start(_, _, let token, _) = command { token.uid } else { nil }
        }.last
    }

    /// Whether the station was asked to stop.
    func takeStop(_ station: Int = 0) async throws -> Bool {
        try await takeCommands(station).contains { if case .stop = $0 { true } else { false } }
    }

    /// The car begins to charge; gives the transaction's number, nil if the token was refused.
    func begin(_ station: Int = 0, token: String) async throws -> Int64? {
        let told = try await start(station, token: token)
        return told.token?.status == .accepted ? told.number : nil
    }

    /// The same, with whatever the station is answered.
    func start(_ station: Int = 0, token: String) async throws -> TransactionAnswer {
        let presented = PresentedToken(uid: token)
        let begun: [Fact.Kind] = [.started(register: Energy(wattHours: 1_000_000)), .token(presented)]
        let answer = try await say(
            TransactionReport(
                reference: .new, evse: 1, connector: 1, token: presented, facts: begun.map(fact)), station)
        guard case .transaction(let told) = answer else { throw NoTransaction() }
        return told
    }

    private struct NoTransaction: Error {}

    /// Somebody shows a card while a transaction runs.
    func present(_ token: String, in number: Int64, _ station: Int = 0) async throws {
        let presented = PresentedToken(uid: token)
        _ = try await say(
            TransactionReport(
                reference: .number(number), evse: 1, token: presented, facts: [fact(.token(presented))]),
            station)
    }

    /// The meter says how much has been delivered since the start.
    func meter(_ wattHours: Int64, of number: Int64, _ station: Int = 0) async throws {
        let reading = Reading(.importRegister, value: Energy(wattHours: 1_000_000 + wattHours).milliwattHours)
        _ = try await say(
            TransactionReport(reference: .number(number), evse: 1, facts: [fact(.reading(reading))]), station)
    }

    /// Car and station do something else now.
    func change(to state: ChargingState, in number: Int64, _ station: Int = 0) async throws {
        _ = try await say(
            TransactionReport(reference: .number(number), evse: 1, facts: [fact(.state(state))]), station)
    }

    func end(_ wattHours: Int64, of number: Int64, _ station: Int = 0) async throws {
        let ended = Fact.Kind.ended(register: Energy(wattHours: 1_000_000 + wattHours), reason: "Local")
        _ = try await say(TransactionReport(reference: .number(number), facts: [fact(ended)]), station)
    }

    /// Start, one reading, stop, and the quiet after which a session is final.
    func charge(_ wattHours: Int64, token: String, _ station: Int = 0) async throws {
        let number = try #require(try await begin(station, token: token))
        desk.clock.advance(by: .minutes(20))
        try await meter(wattHours / 2, of: number, station)
        desk.clock.advance(by: .minutes(20))
        try await end(wattHours, of: number, station)
        try await pass(.seconds(10))
    }

    /// A guest's whole visit: hold, start, energy, stop.
    func visit(_ wattHours: Int64, with instrument: String, _ station: Int = 0) async throws -> PaymentRecord
    {
        let visit = try await scan(station)
        let payment = try await pay(visit, with: instrument)
        let token = try #require(try await takeStart(station))
        try await charge(wattHours, token: token, station)
        return try await row(payment)
    }

    private func fact(_ kind: Fact.Kind) -> Fact {
        Fact(kind, measuredAt: desk.clock.now, receivedAt: desk.clock.now)
    }

    private func say(_ report: TransactionReport, _ station: Int) async throws -> StationAnswer {
        let now = desk.clock.now
        let frame = ReceivedFrame(
            station: stations[station], connection: desk.ids.new(at: now), version: "1.6",
            messageID: desk.ids.secret(), action: "test", bytes: Array("\(report.facts)".utf8),
            receivedAt: now)
        return try await door.receive(.transaction(report), in: frame)
    }
}

// MARK: what became of it

extension Shop {
    func row(_ payment: PaymentRecord) async throws -> PaymentRecord {
        try #require(try await desk.store.read { tx in try tx.find(PaymentRecord.self, payment.id) })
    }

    func bill(of payment: PaymentRecord) async throws -> BillRecord {
        let id = try #require(payment.bill)
        return try #require(try await desk.store.read { tx in try tx.find(BillRecord.self, id) })
    }

    func attempts(of payment: PaymentRecord) async throws -> [AttemptRecord] {
        try await desk.store.read { tx in try tx.attempts(of: payment.id) }
    }

    func payments(of payment: PaymentRecord) async throws -> [PaymentRecord] {
        let id = try #require(payment.bill)
        return try await desk.store.read { tx in try tx.payments(of: id) }
    }

    func balance(_ account: String) async throws -> Int64 {
        try await desk.store.read { tx in try tx.balance(of: account, in: .eur, of: organisation) }
    }

    func questions() async throws -> [String] {
        try await desk.store.read { tx in try tx.openWorkItems(of: organisation, limit: 100).map(\.reason) }
    }

    /// Every promise that applies holds, and the Sandbox's own books agree with ours to the cent (I10).
    func isSound(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        // The gateway's lists are read hourly: its fees are known then.
        for _ in 0..<2 { try await pass(.minutes(61)) }
        for finding in try await Invariants(desk: desk)() {
            #expect(finding.offenders == [], "\(finding.id): \(finding.rule)", sourceLocation: sourceLocation)
        }
        let (here, there) = try await desk.store.read { tx in
            let clearing = try tx.trialBalance(of: organisation).accounts
                .filter { $0.account.hasPrefix("Assets:Clearing") }.reduce(0) { $0 + $1.posted.minorUnits }
            let account = try tx.gatewayAccount(of: organisation)?.id.text ?? ""
            let balances = try tx.sandboxObjects("balance \(account)").compactMap { Int64($0.body) }
            return (clearing, balances.reduce(0, +))
        }
        #expect(here == there, "our clearing and the Sandbox's own balance", sourceLocation: sourceLocation)
    }
}
