// SPDX-License-Identifier: Apache-2.0

import Billing
import Chargers
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Payments
import Quantities
import ServiceLifecycle
import Simulation
import Storage
import Web

/// The composition root: one store, one clock, three doors and the workers, put together in one place.
struct Till: Sendable {
    let desk: Desk
    let sandbox: SandboxHost
    let founded: FoundInstallation.Founded
    private let registry = ConnectionRegistry()
    private let door: StationDesk
    private let log: Logger
    private let plan: Plan

    /// What is decided before anything runs.
    struct Plan: Sendable {
        var location: DatabaseLocation
        /// What seals the secrets in it.
        var key: InstallationKey
        var settings: Settings
        var clockRate: Int64 = 1
        var operatorKey: String?
        var crashAt: Int?
        /// How the one port is encrypted; nil if it is not.
        var tls: TLSFiles?
        /// Who takes our mails; nil if nobody does.
        var mail: MailServer?
        /// Proxies whose word about the line and the client counts.
        var trustedProxies: Set<String> = []
        var log: Logger
    }

    /// Opens the database, brings its schema up to date and founds the installation if it is empty.
    init(_ plan: Plan) async throws {
        log = plan.log
        self.plan = plan
        let crash = CrashPoint(at: plan.crashAt)
        let store = try await Till.open(plan, crash)
        let latest = try await store.read { tx in
            try Self.refuseTricks(plan, in: tx)
            return plan.clockRate > 1 ? try tx.latestInstant() : nil
        }
        let clock = WallClock(rate: plan.clockRate, notBefore: latest)
        let desk = Desk(
            store: store, clock: clock, ids: IDSource(), zones: SystemZones(),
            gateways: GatewayCatalogue.byKind,
            settings: plan.settings, log: plan.log)
        self.desk = desk
        founded = try await FoundInstallation(desk: desk)(operatorKey: plan.operatorKey)
        sandbox = SandboxHost(desk: desk, crash: crash)
        door = StationDesk(desk: desk, running: RunningSessions())
        try await desk.takeBackLeases()
    }

    /// Time and crashes are for test organisations only; real money runs on real time.
    private static func refuseTricks(_ plan: Plan, in tx: Tx) throws {
        guard try tx.organisations().contains(where: { $0.kind == .live }) else { return }
        let cause = "this installation has a live organisation"
        if plan.clockRate > 1 { throw StartError.badSetting("--clock-rate", cause) }
        if plan.crashAt != nil { throw StartError.badSetting("--crash-at", cause) }
    }

    private static func open(_ plan: Plan, _ crash: CrashPoint) async throws -> Store {
        var options = StoreOptions(log: plan.log)
        if crash.isArmed { options.commitHook = { moment in crash.reached("\(moment) commit") } }
        do {
            return try await plan.key.open(plan.location, options)
        } catch let error as StoreError {
            throw StartError.database("\(error)")
        }
    }

    /// Serves until it is told to stop.
    func serve(host: String, port: Int, ready: @escaping @Sendable () async -> Void) async throws {
        let endpoint = ChargerEndpoint(
            door: door, registry: registry, newConnection: { [desk] in desk.ids.new(at: desk.clock.now) },
            isEncrypted: plan.tls != nil, trustedProxies: plan.trustedProxies, log: log)
        let encryption = try plan.tls?.configuration
        // Limits per second mean nothing to a clock that runs fast (decided.md, Limits are configuration).
        let client = GatewayLine.client()
        let line = GatewayLine(sandbox: sandbox, publicURL: desk.settings.publicURL, client: client)
        let bench = TestBench(desk: desk, office: sandbox.office, host: host, port: port)
        let web = WebDoor(
            desk: desk, limits: desk.clock.rate > 1 ? .relaxed : RateLimits(), tests: bench, sender: line)
        let router = web.router()
        sandbox.mount(on: router)
        let courier = ChargerCourier(door: door, registry: registry, log: log)
        let webhooks = WebhookCourier(
            desk: desk, sender: WebhookPost(allowsPrivate: desk.settings.allowsPrivateWebhooks))
        let mails = plan.mail.map { MailCourier(desk: desk, sender: MailPost(server: $0)) }
        let couriers: [any Courier] = [PaymentCourier(desk: desk, sender: line), sandbox.office, webhooks]
        let workers = Workers(desk: desk, couriers: couriers + (mails.map { [$0] } ?? []))
        let background: [any Service] =
            (workers.all + [sandbox.office.worker]).map { worker in Background { await worker.run() } }
            + [
                Background { await courier.run() }, Background { await web.run() },
                Background { [door] in await door.foldSessions() },
            ]
        let application = Application(
            router: router,
            server: try Self.server(endpoint, encryption),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "Amptill"),
            services: background, onServerRunning: { _ in await ready() }, logger: log)
        do {
            try await application.runService()
        } catch {
            await line.close()
            guard (error as? IOError)?.errnoCode == EADDRINUSE else { throw error }
            throw StartError.portInUse(host, port)
        }
        await bench.close()
        await line.close()
        await desk.store.close()
    }
}

extension Till {
    /// The gate, behind TLS if there is any.
    private static func server(
        _ endpoint: ChargerEndpoint, _ encryption: TLSConfiguration?
    ) throws -> HTTPServerBuilder {
        let gate = HTTPServerBuilder { responder in
            Gate(responder: responder, decide: endpoint.decide, serve: endpoint.serve)
        }
        guard let encryption else { return gate }
        return try .tls(gate, tlsConfiguration: encryption)
    }
}

extension Desk {
    /// After a crash nothing is on its way any more: what this node had in hand is due at once.
    fileprivate func takeBackLeases() async throws {
        let now = clock.now
        try await store.transaction { tx in try tx.releaseLeases(of: settings.node, at: now) }
    }
}

/// Background work that ends when the server is told to stop.
struct Background: Service {
    let work: @Sendable () async -> Void

    init(_ work: @escaping @Sendable () async -> Void) { self.work = work }

    func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }
}
