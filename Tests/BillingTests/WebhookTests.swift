// SPDX-License-Identifier: Apache-2.0

import Billing
import Digests
import Foundation
import Logging
import Quantities
import Storage
import Synchronization
import Testing

/// Events on their way to subscribers, by a clock that goes where the test wants it.
@Suite("Webhooks", .timeLimit(.minutes(2)))
struct WebhookTests {
    /// The databases: PostgreSQL where `make test` started one.
    static let engines: [DatabaseLocation] = {
        guard let url = ProcessInfo.processInfo.environment["AMPTILL_TEST_POSTGRES"] else { return [.memory] }
        return [.memory, .postgres(url: url)]
    }()

    @Test(
        "every event arrives through an outage of two hours, in the order of each object, signed",
        arguments: engines)
    func outage(location: DatabaseLocation) async throws {
        let office = try await Office(location)
        let patient = try await office.subscribe(["*"])
        let thin = try await office.subscribe(["account.*"], payload: .thin)
        let accounts = try await [office.account(), office.account(), office.account()]
        for step in 0..<18 {
            // Down from 00:30 to 02:30: now refusing, now not answering at all.
            let isDown = (3..<15).contains(step)
            patient.mood.withLock { $0 = isDown ? (step.isMultiple(of: 2) ? .refuses : .silent) : .takes }
            for (index, account) in accounts.enumerated() where !step.isMultiple(of: index + 2) {
                try await office.turn(account)
            }
            try await office.pass(.minutes(10))
        }
        patient.mood.withLock { $0 = .losesAnswers(1) }
        // Half a day may lie before the next try at what waits; one event about something else brings it all.
        try await office.turn(try await office.account())
        try await office.pass(.minutes(1))

        let told = try await office.events()
        #expect(told.count > 25)
        let received = patient.received
        #expect(Set(received.map(\.event)) == Set(told.map(\.id.text)), "at least once")
        #expect(received.count > told.count, "and once more where the answer was lost")
        for account in accounts {
            let sequences = received.filter { $0.object == account.text }.map(\.sequence)
            #expect(sequences == sequences.sorted(), "\(sequences)")
            #expect(Set(sequences).count == Int(sequences.last ?? 0))
        }
        #expect(received.allSatisfy { $0.isGenuine })
        let ofAccounts = told.filter { $0.type.hasPrefix("account.") }.map(\.id.text)
        #expect(thin.received.map(\.event).sorted() == ofAccounts)
        #expect(thin.received.allSatisfy { !$0.hasData })
        #expect(received.allSatisfy { $0.hasData })
        #expect(try await office.waiting() == 0)
    }

    @Test("a subscriber that never answers is tried at the paces of the design, then given up")
    func failing() async throws {
        let office = try await Office(.memory)
        let subscriber = try await office.subscribe(["account.*"])
        subscriber.mood.withLock { $0 = .refuses }
        let account = try await office.account()
        try await office.turn(account)
        let start = office.clock.now
        for _ in 0..<1_300 { try await office.pass(.minutes(5)) }

        let pauses = zip(subscriber.tries, subscriber.tries.dropFirst()).map { $1 - $0 }
        let short: [Elapsed] = [.seconds(5), .seconds(30), .minutes(2), .minutes(10), .hours(1), .hours(4)]
        #expect(subscriber.tries.count == 13)
        // The clock jumps five minutes at a time, so an attempt is at most that late.
        for (pause, wanted) in zip(pauses, short + Array(repeating: .hours(12), count: 6)) {
            #expect(pause >= wanted && pause <= wanted + .minutes(5), "\(pause) for \(wanted)")
        }
        let endpoint = try await office.endpoint(subscriber)
        #expect(endpoint.status == .failing)
        #expect(start + .hours(72) < (endpoint.failingSince ?? start))
        let types = try await office.events().map(\.type)
        #expect(types.contains("webhook.failing"))
        #expect(types.contains("work_item.opened"))

        subscriber.mood.withLock { $0 = .takes }
        try await office.turn(account)
        try await office.pass(.hours(24))
        #expect(subscriber.received.isEmpty, "nothing is sent to a failing endpoint")

        try await office.revive(subscriber)
        let count = try await Webhooks(desk: office.desk).replay(
            from: start, to: office.clock.now + .seconds(1), to: subscriber.id, by: office.author)
        try await office.pass(.seconds(1))
        #expect(count == 2)
        #expect(subscriber.received.map(\.type) == ["account.blocked", "account.unblocked"])
    }

    /// Half a day would lie before the next try: the eighth was made when the subscriber was still away.
    @Test("what was on its way when the subscriber came back is tried again at once", arguments: engines)
    func onItsWay(location: DatabaseLocation) async throws {
        let office = try await Office(location)
        let subscriber = try await office.subscribe(["account.*"])
        subscriber.mood.withLock { $0 = .refuses }
        let (one, other) = try await (office.account(), office.account())
        try await office.turn(one)
        try await office.pass(.hours(6))
        #expect(subscriber.tries.count == 7)
        office.meanwhile {
            subscriber.mood.withLock { $0 = .takes }
            try await office.turn(other)
            try await office.work()
        }
        try await office.pass(.hours(12))
        try await office.pass(.minutes(1))

        #expect(subscriber.received.map(\.object) == [other.text, one.text])
        #expect(try await office.waiting() == 0)
    }

    @Test("after a roll both secrets sign for 24 hours")
    func roll() async throws {
        let office = try await Office(.memory)
        let subscriber = try await office.subscribe(["*"])
        let old = subscriber.secret.withLock { $0 }
        let account = try await office.account()
        let rolled = try await Webhooks(desk: office.desk).rollSecret(subscriber.id, by: office.author)
        try await office.turn(account)
        try await office.pass(.hours(1))
        #expect(subscriber.received.last?.isGenuine == true, "the old secret still signs")
        subscriber.secret.withLock { $0 = rolled.secret }
        try await office.turn(account)
        try await office.pass(.hours(24))
        #expect(subscriber.received.last?.isGenuine == true, "the new one signs too")
        subscriber.secret.withLock { $0 = old }
        try await office.turn(account)
        try await office.pass(.minutes(1))
        #expect(subscriber.received.last?.isGenuine == false, "after a day the old one does not")
    }

    @Test("a test goes to one endpoint, and a replay to where the event went")
    func testAndReplay() async throws {
        let office = try await Office(.memory)
        let one = try await office.subscribe(["account.blocked"])
        let other = try await office.subscribe(["*"])
        _ = try await Webhooks(desk: office.desk).test(one.id, by: office.author)
        try await office.turn(try await office.account())
        try await office.pass(.minutes(1))
        #expect(Set(one.received.map(\.type)) == ["webhook.test", "account.blocked"])
        #expect(other.received.map(\.type) == ["account.blocked"])

        let deliveries = try await office.deliveries(to: one)
        let blocked = try #require(deliveries.first { $0.type == "account.blocked" })
        _ = try await Webhooks(desk: office.desk).replay(blocked.id, of: one.id, by: office.author)
        try await office.pass(.minutes(1))
        #expect(one.received.count == 3)
        #expect(other.received.count == 1)
        let repeated = try await office.deliveries(to: one)
        #expect(repeated.map(\.replay).max() == 1)
        #expect(repeated.allSatisfy { $0.status == .delivered && $0.answer == 204 })
    }

    @Test(
        "private addresses are known as such",
        arguments: [
            ("127.0.0.1", true), ("10.1.2.3", true), ("172.16.0.1", true), ("172.31.255.255", true),
            ("172.32.0.1", false), ("192.168.1.1", true), ("169.254.169.254", true), ("100.64.0.1", true),
            ("0.0.0.0", true), ("224.0.0.1", true), ("255.255.255.255", true), ("8.8.8.8", false),
            ("192.0.2.1", true), ("::1", true), ("::", true), ("fe80::1", true), ("fc00::1", true),
            ("fd12:3456::1", true), ("ff02::1", true), ("::ffff:10.0.0.1", true),
            ("::ffff:8.8.8.8", false), ("64:ff9b::10.0.0.1", true), ("2002:7f00:1::", true),
            ("2001:db8::1", true), ("2a00:1450:4001::1", false), ("example.org", false),
        ])
    func privateAddresses(address: String, isPrivate: Bool) {
        #expect(PrivateAddress.isPrivate(address) == isPrivate)
    }

    @Test("networks hold their addresses")
    func networks() {
        #expect(PrivateAddress.isInside("192.0.2.77", network: "192.0.2.0/24"))
        #expect(!PrivateAddress.isInside("192.0.3.1", network: "192.0.2.0/24"))
        #expect(PrivateAddress.isInside("192.0.2.1", network: "192.0.2.1"))
        #expect(PrivateAddress.isInside("::ffff:192.0.2.1", network: "192.0.2.0/31"))
        #expect(PrivateAddress.isInside("2001:db8::5", network: "2001:db8::/32"))
        #expect(!PrivateAddress.isInside("2001:db9::5", network: "2001:db8::/32"))
        #expect(PrivateAddress.isInside("1.2.3.4", network: "0.0.0.0/0"))
        #expect(!PrivateAddress.isNetwork("192.0.2.0/33"))
        #expect(!PrivateAddress.isNetwork("example.org"))
    }
}

/// An organisation whose events somebody wants to hear.
private struct Office {
    let desk: Desk
    let clock = WallClock(frozenAt: Instant(seconds: 1_800_000_000))
    let author: Author
    private let street = Street()

    init(_ location: DatabaseLocation) async throws {
        desk = Desk(
            store: try await Store.open(Self.ofItsOwn(location)), clock: clock, ids: IDSource(seed: 1),
            zones: EverywhereUTC(), gateways: [:],
            settings: Settings(publicURL: "", allowsPrivateWebhooks: true), log: Logger(label: "tests"))
        let made = try await Organisations(desk: desk).create(Organisations.Plan())
        author = Author(organisation: made.organisation.id, name: "tests")
    }

    private static func ofItsOwn(_ location: DatabaseLocation) -> DatabaseLocation {
        guard case .postgres(let url, _) = location else { return location }
        return .postgres(url: url, schema: "webhooks_\(UInt64.random(in: 0...UInt64.max))")
    }

    func subscribe(
        _ types: [String], payload: WebhookEndpointRecord.Payload = .full
    ) async throws -> Subscriber {
        var wish = Webhooks.Wish()
        (wish.types, wish.payload) = (types, payload)
        wish.url = "http://subscriber-\(street.count).example/hook"
        let endpoint = try await Webhooks(desk: desk).create(wish, by: author)
        let subscriber = Subscriber(endpoint, clock)
        street.move(subscriber, into: endpoint.url)
        return subscriber
    }

    func account() async throws -> AccountID {
        var wish = Accounts.Wish()
        (wish.kind, wish.name) = (.personal, "Kim")
        return try await Accounts(desk: desk).create(wish, by: author).id
    }

    /// Blocks an account or lets it charge again.
    func turn(_ id: AccountID) async throws {
        try await desk.store.transaction { tx in
            guard var row = try tx.lock(AccountRecord.self, id: id) else { throw StoreError.busy }
            row.status = row.status == .active ? .blocked : .active
            try tx.update(&row)
        }
    }

    /// Delivers what is due now.
    func work() async throws {
        let worker = OutboxWorker(desk: desk, couriers: [WebhookCourier(desk: desk, sender: street)])
        while try await worker.round() > 0 {}
    }

    /// Does something while the next request is on its way; that request is then lost.
    func meanwhile(_ act: @escaping @Sendable () async throws -> Void) { street.meanwhile(act) }

    /// Lets time pass and everything happen that is due on the way.
    func pass(_ time: Elapsed) async throws {
        let end = clock.now + time
        while clock.now < end {
            try await work()
            clock.advance(by: min(end - clock.now, .minutes(5)))
        }
        try await work()
    }

    func events() async throws -> [EventRecord] {
        try await desk.store.read { [author] tx in
            try tx.events(
                of: author.organisation, from: .epoch, to: Instant(seconds: 4_000_000_000), after: nil,
                limit: 10_000)
        }
    }

    func waiting() async throws -> Int64 { try await desk.store.read { tx in try tx.waiting().parcels } }

    func endpoint(_ subscriber: Subscriber) async throws -> WebhookEndpointRecord {
        let found = try await desk.store.read { tx in try tx.find(WebhookEndpointRecord.self, subscriber.id) }
        return try #require(found)
    }

    func deliveries(to subscriber: Subscriber) async throws -> [WebhookDeliveryRecord] {
        try await desk.store.read { tx in try tx.all(WebhookDeliveryRecord.self) }.filter {
            $0.endpoint == subscriber.id
        }
    }

    func revive(_ subscriber: Subscriber) async throws {
        var wish = Webhooks.Wish()
        wish.isActive = true
        let version = try await endpoint(subscriber).version
        _ = try await Webhooks(desk: desk).change(subscriber.id, wish, version: version, by: author)
    }
}

/// The world outside: brings requests to whoever lives at the address.
private final class Street: WebhookSender {
    private let houses = Mutex<[String: Subscriber]>([:])

    var count: Int { houses.withLock(\.count) }

    func move(_ subscriber: Subscriber, into url: String) { houses.withLock { $0[url] = subscriber } }

    private struct Act {
        var body: (@Sendable () async throws -> Void)?
    }
    private let next = Mutex(Act())

    func meanwhile(_ act: @escaping @Sendable () async throws -> Void) { next.withLock { $0.body = act } }

    func post(_ request: WebhookRequest) async -> WebhookAnswer {
        let act = next.withLock { next in
            defer { next.body = nil }
            return next.body
        }
        if let act {
            do { try await act() } catch { Issue.record(error) }
            return WebhookAnswer(error: "connection lost")
        }
        guard let house = houses.withLock({ $0[request.url] }) else { return WebhookAnswer(error: "no host") }
        return house.take(request)
    }
}

/// Somebody who follows the rules of api.md §3.11, by code of their own.
private final class Subscriber: Sendable {
    enum Mood: Sendable {
        case takes, refuses, silent
        /// Takes it, but so many answers do not arrive.
        case losesAnswers(Int)
    }

    struct Received: Sendable {
        let event: String
        let type: String
        let object: String
        let sequence: Int64
        let isGenuine: Bool
        let hasData: Bool
    }

    let id: WebhookEndpointID
    let secret: Mutex<String>
    let mood = Mutex(Mood.takes)
    private let clock: WallClock
    private let log = Mutex<(received: [Received], tries: [Instant])>(([], []))

    init(_ endpoint: WebhookEndpointRecord, _ clock: WallClock) {
        id = endpoint.id
        secret = Mutex(endpoint.secret)
        self.clock = clock
    }

    var received: [Received] { log.withLock(\.received) }
    var tries: [Instant] { log.withLock(\.tries) }

    func take(_ request: WebhookRequest) -> WebhookAnswer {
        log.withLock { $0.tries.append(clock.now) }
        switch mood.withLock({ $0 }) {
        case .refuses: return WebhookAnswer(status: 503)
        case .silent: return WebhookAnswer(error: "timeout")
        case .takes, .losesAnswers: break
        }
        guard let note = read(request) else { return WebhookAnswer(status: 400) }
        log.withLock { $0.received.append(note) }
        let isLost = mood.withLock { mood in
            guard case .losesAnswers(let left) = mood, left > 0 else { return false }
            mood = .losesAnswers(left - 1)
            return true
        }
        return isLost ? WebhookAnswer(error: "connection closed") : WebhookAnswer(status: 204)
    }

    private struct Told: Decodable {
        struct Anything: Decodable {}
        let id: String
        let type: String
        let object: String
        let sequence: Int64
        let data: Anything?
    }

    private func read(_ request: WebhookRequest) -> Received? {
        // What is no JSON of this shape is refused with 400, and the test sees it.
        guard let told = try? JSONDecoder().decode(Told.self, from: Data(request.body)) else { return nil }
        let isNamed = request.headers["Amptill-Event"] == told.id
        return Received(
            event: told.id, type: told.type, object: told.object, sequence: told.sequence,
            isGenuine: isNamed && isSigned(request), hasData: told.data != nil)
    }

    private func isSigned(_ request: WebhookRequest) -> Bool {
        let parts = (request.headers["Amptill-Signature"] ?? "").split(separator: ",").map(String.init)
        guard let time = parts.first.flatMap({ Int64($0.dropFirst(2)) }), abs(time - clock.now.seconds) <= 300
        else { return false }
        let key = Array(secret.withLock { $0 }.utf8)
        let wanted = "v1=" + HMACDigest.hex(of: Array("\(time).".utf8) + request.body, key: key)
        return parts.dropFirst().contains(wanted)
    }
}
