// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Payments
import Quantities
import Simulation
import Storage
import Synchronization
import Tariffs
import Web

/// The real door on a real port, over a database in memory. Tests share one and have an organisation each.
final class APIServer: Sendable {
    let desk: Desk
    let url: URL
    let door: WebDoor
    private let task: Task<Void, any Error>

    /// The server of all tests that need nothing of their own.
    static func shared() async throws -> APIServer { try await sharedTask.value }
    private static let sharedTask = Task { try await APIServer() }

    /// A server; `works` runs the background work with the Sandbox as gateway.
    /// `publicURL` is where it says it is, if not where it is; `roomInPages` is all that its disk holds.
    init(
        limits: RateLimits = .relaxed, heartbeat: Duration = .milliseconds(200), works: Bool = false,
        publicURL: String? = nil, isReadOnly: Bool = false, roomInPages: Int? = nil
    ) async throws {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let gateway = SandboxGateway()
        let port = try await Self.freePort()
        url = try Self.address(port)
        var settings = Settings(publicURL: publicURL ?? "http://127.0.0.1:\(port)")
        settings.isReadOnly = isReadOnly
        desk = Desk(
            store: try await Store.open(.memory, migrations: Self.migrations(roomInPages)),
            clock: WallClock(), ids: IDSource(), zones: FixedZones(),
            gateways: [gateway.kind: gateway, StripeGateway().kind: StripeGateway()],
            settings: settings, log: log)
        _ = try await FoundInstallation(desk: desk)(operatorKey: "a key that the first operator chose")
        door = WebDoor(desk: desk, limits: limits, heartbeat: heartbeat)
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let application = Application(
            router: door.router(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in signal.yield() }, logger: log)
        let gateways = works ? try await TestGateway(desk: desk) : nil
        task = Task { [door, desk] in
            defer { signal.finish() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await application.run() }
                group.addTask { await door.run() }
                if let gateways {
                    let couriers: [any Courier] = [PaymentCourier(desk: desk, sender: gateways), gateways]
                    for worker in Workers(desk: desk, couriers: couriers).all {
                        group.addTask { await worker.run() }
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
        var waiting = started.makeAsyncIterator()
        guard await waiting.next() != nil else {
            try await task.value
            throw Trouble("the server ended before it ran")
        }
    }

    deinit { task.cancel() }

    private static func migrations(_ roomInPages: Int?) -> [Migration] {
        guard let roomInPages else { return Migration.product }
        return Migration.product + [
            Migration(
                number: Migration.product.count + 1, name: "small disk",
                sql: "PRAGMA max_page_count = \(roomInPages)")
        ]
    }

    /// A new organisation and a client with its operator's key.
    func tenant(_ kind: OrganisationKind = .test) async throws -> (client: APIClient, id: OrganisationID) {
        let (organisation, secret) = try await Organisations(desk: desk).create(
            Organisations.Plan(kind: kind, name: "Harbour Power"))
        return (APIClient(url: url, key: secret), organisation.id)
    }

    /// A client without a credential.
    var anonymous: APIClient { APIClient(url: url, key: nil) }

    /// A port that nobody listens on. They are counted up beneath the range from which the system gives ports to clients,
    /// so that no other test takes it between this look and the start of the server.
    private static func freePort() async throws -> Int {
        for _ in 0..<1000 {
            let port = nextPort.withLock { next in
                next = next < 32_000 ? next + 1 : 20_000
                return next
            }
            if await isFree(port) { return port }
        }
        throw Trouble("no free port")
    }
    private static let nextPort = Mutex(20_000 + Int(getpid()) % 10_000)

    private static func isFree(_ port: Int) async -> Bool {
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: port).get()
            try await channel.close()
            return true
        } catch {
            return false
        }
    }

    private static func address(_ port: Int) throws -> URL {
        guard let url = URL(string: "http://127.0.0.1:\(port)") else { throw Trouble("no address") }
        return url
    }
}

/// Something that a test needs and did not get.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Two zones without summer time; everything else is unknown.
struct FixedZones: ZoneReader {
    func rules(of zone: String, from: Instant, to: Instant) throws -> ZoneRules {
        switch zone {
        case "UTC": .utc
        case "Europe/Berlin": ZoneRules(fixedOffsetSeconds: 3600, name: zone)
        default: throw Trouble("no zone \(zone)")
        }
    }
}

/// The Sandbox, asked in process; its webhooks travel as parcels.
struct TestGateway: GatewaySender, Courier {
    private let office: SandboxOffice

    init(desk: Desk) async throws { office = SandboxOffice(desk: desk) }

    var destination: String { office.destination }
    func send(_ request: GatewayRequest) async -> SentAnswer { await office.send(request) }
    func crashPoint(_ moment: String) async {}
    func deliver(_ parcel: ParcelRecord) async throws -> Delivered { try await office.deliver(parcel) }

    /// The guest picks an instrument on the gateway's page.
    func choose(_ instrument: String, on page: String) async throws {
        try await office.choose(instrument, for: page.split(separator: "/").last.map(String.init) ?? "")
    }
}
