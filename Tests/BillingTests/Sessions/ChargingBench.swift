// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Logging
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// A small charging network over a database in memory, spoken to through the real door's verbs: two stations of one EVSE
/// each at 0.49 €/kWh and, after 5 minutes of idling, 0.10 €/min; one driver with a card and 200 € in a wallet.
struct ChargingBench {
    /// When everything begins: 2027-01-15T08:00:00Z.
    static let beginning = Instant(seconds: 1_800_000_000)
    /// Wh on the meter when a visit begins.
    static let register: Int64 = 4_812_345

    let desk: Desk
    let door: StationDesk
    let organisation: OrganisationID
    let stations: [StationRecord]
    let card: String
    let workers: Workers
    /// Where guests pay.
    let sandbox: SandboxOffice

    init(
        seed: UInt64 = 1, at start: Instant = Self.beginning, in place: DatabaseLocation = .memory,
        running: RunningSessions? = nil
    ) async throws {
        let gateway = SandboxGateway()
        desk = Desk(
            store: try await Store.open(place), clock: WallClock(frozenAt: start),
            ids: IDSource(seed: seed),
            zones: EverywhereUTC(), gateways: [gateway.kind: gateway], settings: Settings(publicURL: ""),
            log: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        sandbox = SandboxOffice(desk: desk)
        organisation = try await FoundInstallation(desk: desk)(operatorKey: nil).organisation
        let seeded = try await SeedDemonstration(desk: desk)(in: organisation)
        card = seeded.card
        door = StationDesk(desk: desk, running: running)
        workers = Workers(desk: desk, couriers: [PaymentCourier(desk: desk, sender: sandbox), sandbox])
        stations = try await desk.store.read { tx in
            try seeded.stations.compactMap { try tx.station(identity: $0.identity) }
        }
        for station in stations { try await connect(station.id) }
    }

    var station: StationID { stations[0].id }
    var now: Instant { desk.clock.now }
    var author: Author { Author(organisation: organisation, name: "key_tests") }

    func connect(_ station: StationID, version: String = "1.6") async throws {
        try await door.connected(station, connection: desk.ids.new(at: now), version: version)
    }

    // MARK: messages

    /// Sends a message under a number; the same number and the same text is the same frame.
    @discardableResult
    func send(
        _ message: StationMessage, id: String? = nil, at station: StationID? = nil, version: String = "1.6",
        action: String = "test", body: String? = nil
    ) async throws -> StationAnswer {
        let frame = ReceivedFrame(
            station: station ?? self.station, connection: desk.ids.new(at: now), version: version,
            messageID: id ?? "m\(desk.ids.word())", action: action, bytes: Array((body ?? "\(message)").utf8),
            receivedAt: now)
        return try await door.receive(message, in: frame)
    }

    @discardableResult
    func say(
        _ report: TransactionReport, id: String? = nil, at station: StationID? = nil
    ) async throws -> TransactionAnswer {
        guard case .transaction(let answer) = try await send(.transaction(report), id: id, at: station) else {
            throw Unexpected()
        }
        return answer
    }

    struct Unexpected: Error {}

    /// A 1.6 start; gives the answer.
    @discardableResult
    func start(
        _ token: String? = nil, _ wattHours: Int64 = Self.register, at instant: Instant? = nil,
        offline: Bool = false, evse: Int = 1,
        station: StationID? = nil
    ) async throws -> TransactionAnswer {
        let at = instant ?? now
        let presented = PresentedToken(uid: token ?? card)
        let kinds: [Fact.Kind] = [.started(register: Energy(wattHours: wattHours)), .token(presented)]
        return try await say(
            TransactionReport(
                reference: .new, evse: evse, connector: 1, token: presented,
                facts: kinds.map { Fact($0, measuredAt: at, receivedAt: now, offline: offline) },
                offline: offline),
            at: station)
    }

    /// A 1.6 sample.
    func sample(
        _ number: Int64, _ wattHours: Int64, at instant: Instant? = nil, station: StationID? = nil
    ) async throws {
        let reading = Reading(.importRegister, value: wattHours * 1000)
        try await say(
            TransactionReport(
                reference: .number(number), evse: 1,
                facts: [Fact(.reading(reading), measuredAt: instant ?? now, receivedAt: now)]), at: station)
    }

    /// A 1.6 stop.
    @discardableResult
    func stop(
        _ number: Int64, _ wattHours: Int64, at instant: Instant? = nil, token: String? = nil,
        reason: String = "Local",
        station: StationID? = nil
    ) async throws -> TransactionAnswer {
        let at = instant ?? now
        let presented = token.map { PresentedToken(uid: $0) }
        let kinds: [Fact.Kind] =
            (presented.map { [.token($0)] } ?? []) + [
                .ended(register: Energy(wattHours: wattHours), reason: reason)
            ]
        return try await say(
            TransactionReport(
                reference: .number(number), token: presented,
                facts: kinds.map { Fact($0, measuredAt: at, receivedAt: now) }), at: station)
    }

    /// One visit of 5 kWh in an hour with the demonstration's card, ended and not yet final; gives the session's number.
    func visit(_ wattHours: Int64 = 5000, token: String? = nil) async throws -> Int64 {
        let number = try await start(token).number
        desk.clock.advance(by: .minutes(30))
        try await sample(number, Self.register + wattHours / 2)
        desk.clock.advance(by: .minutes(30))
        try await stop(number, Self.register + wattHours)
        return number
    }

    /// A guest pays with a good card at the first station, which says yes to the remote start; gives the one-time token.
    func guest() async throws -> (checkout: CheckoutID, payment: PaymentID, token: String) {
        let code = try await desk.store.read { tx in try tx.evses(of: station).first?.evseCode }
        let (checkout, quote) = try await OpenCheckout(desk: desk)(
            OpenCheckout.Wish(evseCode: try #require(code)))
        let payment = try await RequestHold(desk: desk)(
            checkout.id, accepting: quote.hash, clientKey: "form")
        try await pass(.seconds(1))
        try await sandbox.choose("ok", for: payment.id.text)
        try await pass(.seconds(1))
        for claimed in try await door.claimCommands(for: [station]) {
            guard case .start(_, _, let token, _) = claimed.command else { continue }
            try await door.recordReply(.accepted, to: claimed)
            return (checkout.id, payment.id, token.uid)
        }
        throw Unexpected()
    }

    func find<R: Record & Sendable>(
        _ type: R.Type, _ id: some CustomStringConvertible & Sendable
    ) async throws -> R {
        try #require(try await desk.store.read { tx in try tx.find(type, id) })
    }

    // MARK: time

    /// Lets time pass and the workers work.
    func pass(_ time: Elapsed = .seconds(6)) async throws {
        desk.clock.advance(by: time)
        var rounds = 0
        while try await workers.round() > 0, rounds < 50 { rounds += 1 }
    }

    // MARK: looking

    func session(_ number: Int64, at station: StationID? = nil) async throws -> SessionRecord {
        let found = try await desk.store.transaction { tx in
            try tx.lockSession(number: number, at: station ?? self.station)
        }
        return try #require(found)
    }

    func sessions() async throws -> [SessionRecord] {
        try await desk.store.read { tx in try tx.page(of: SessionRecord.self, for: organisation).rows }
    }

    func bill(of session: SessionRecord) async throws -> BillRecord? {
        try await desk.store.read { tx in try session.bill.flatMap { try tx.find(BillRecord.self, $0) } }
    }

    func work(_ reason: String? = nil, state: String? = "open") async throws -> [WorkItemRecord] {
        var filter = ListFilter()
        filter.limit = 200
        if let reason { filter.equal["reason"] = [reason] }
        if let state { filter.equal["state"] = [state] }
        return try await desk.store.read { [filter] tx in
            try tx.page(of: WorkItemRecord.self, for: organisation, filter).rows
        }
    }

    @discardableResult
    func decide(
        _ item: WorkItemRecord, _ decision: WorkDecision, session: SessionID? = nil,
        account: AccountID? = nil,
        energy: Energy? = nil, register: Energy? = nil, from start: Instant? = nil, to end: Instant? = nil
    ) async throws -> WorkItemRecord {
        try await DecideWorkItem(desk: desk)(
            item.id,
            DecideWorkItem.Answer(
                decision.rawValue, because: "seen on the meter", session: session, account: account,
                energy: energy,
                register: register, from: start, to: end), by: author)
    }

    /// The demonstration's driver.
    func account() async throws -> AccountRecord {
        let found = try await desk.store.read { tx in
            try tx.page(of: AccountRecord.self, for: organisation).rows.first { $0.name.hasPrefix("Kim") }
        }
        return try #require(found)
    }

    func wallet() async throws -> WalletRecord {
        let account = try await account()
        return try #require(try await desk.store.read { tx in try tx.wallets(of: account.id).first })
    }

    /// Another account with a card; it pays from a wallet with so many cents.
    func driver(_ uid: String, cents: Int64, _ change: (inout AccountRecord) -> Void = { _ in }) async throws
        -> AccountID
    {
        var account = AccountRecord(
            id: desk.ids.new(at: now), organisation: organisation, kind: .personal, name: uid,
            funding: .wallet,
            status: .active, createdAt: now)
        change(&account)
        let wallet = WalletRecord(
            id: desk.ids.new(at: now), organisation: organisation, account: account.id, currency: .eur,
            posted: 0,
            pending: 0, floor: 0, createdAt: now)
        let token = TokenRecord(
            id: desk.ids.new(at: now), organisation: organisation, kind: .rfid, uid: uid,
            folded: PresentedToken.folded(uid), account: account.id, status: .active, createdAt: now)
        try await desk.store.transaction { [account] tx in
            try tx.insert(account)
            try tx.insert(wallet)
            try tx.insert(token)
        }
        if cents > 0 {
            _ = try await CreditWallet(desk: desk)(
                Money(minorUnits: cents, currency: .eur), to: wallet.id, because: "test", actor: "test",
                cause: "test-\(wallet.id)")
        }
        return account.id
    }

    func change<R: VersionedRecord & Sendable>(
        _ type: R.Type, _ id: String, _ change: @escaping @Sendable (inout R) -> Void
    ) async throws {
        try await desk.store.transaction { tx in
            guard var row = try tx.lock(type, id: id) else { return }
            change(&row)
            try tx.update(&row)
        }
    }

    func token(_ uid: String) async throws -> TokenRecord {
        let found = try await desk.store.read { tx in
            try tx.token(folded: PresentedToken.folded(uid), of: organisation)
        }
        return try #require(found)
    }

    /// What a token is answered at Authorize.
    func authorize(_ uid: String) async throws -> TokenStatus {
        guard case .token(let answer) = try await send(.authorize(PresentedToken(uid: uid))) else {
            throw Unexpected()
        }
        return answer.status
    }

    /// Every promise about money holds.
    func checkInvariants() async throws {
        for finding in try await Invariants(desk: desk)() {
            #expect(finding.offenders.isEmpty, "\(finding.id): \(finding.rule) \(finding.offenders)")
        }
    }
}
