// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Payments
import Quantities
import Simulation
import Storage
import Synchronization
import Tariffs
import Testing

/// The failure cases of payments.md §10 that happen to our own servers, clocks and disks.
@Suite("Failure cases of servers and disks")
struct CrashFailureTests {
    @Test(
        "F32: the server dies between hold and remote start: the start goes on, or the hold goes back",
        arguments: [true, false])
    func diesBeforeStart(isBackSoon: Bool) async throws {
        try await Folder.with { folder in
            let first = try await Shop.open(.file(folder.path("till.db")))
            let payment = try await first.pay(try await first.scan(), with: "ok")
            #expect(payment.status == "authorized")
            await first.desk.store.close()

            first.desk.clock.advance(by: isBackSoon ? .seconds(5) : .minutes(10))
            let next = try await Shop.open(.file(folder.path("till.db")), seed: 2, clock: first.desk.clock)
            if isBackSoon {
                let token = try #require(try await next.startToken())
                try await next.charge(20_000, token: token)
                try await next.settleEverything()
                #expect(try await next.row(payment).captured == .eur(9_80))
            } else {
                #expect(try await next.startToken() == nil)
                for _ in 0..<15 { try await next.pass(.seconds(5)) }
                #expect(try await next.row(payment).status == "voided")
            }
            try await next.isSound()
            await next.desk.store.close()
        }
    }

    @Test("F53: a torn last record is cut off, what was committed before it stands, and the chain verifies")
    func tornRecord() async throws {
        try await Folder.with { folder in
            let disk = try await Disk.afterVisit(in: folder)
            let settlement = disk.log.count - disk.ended
            #expect(disk.chain.count > disk.owed && settlement > 0)
            var shortest = disk.chain.count
            for lost in [1, 700, 4_096, settlement / 2, settlement - 1] {
                let torn = folder.path("torn-\(lost).db")
                try disk.base.write(to: URL(filePath: torn))
                // What was on its way to the disk when the power went: half a record, and rubbish behind it.
                let rubbish = Data(repeating: 0xA5, count: lost / 2)
                try (disk.log.dropLast(lost) + rubbish).write(to: URL(filePath: torn + "-wal"))
                let found = try await Shop.open(.file(torn), seed: 3, clock: WallClock(frozenAt: disk.now))
                let rest = try await found.chain()
                #expect(rest == Array(disk.chain.prefix(rest.count)), "lost \(lost) bytes")
                shortest = min(shortest, rest.count)
                try await found.settleEverything()
                #expect(try await found.row(disk.payment).captured == .eur(9_80))
                try await found.isSound()
                await found.desk.store.close()
            }
            #expect(shortest == disk.owed, "the settlement was torn off, and made again")
        }
    }

    @Test(
        "F55: another node takes over while the old one still sends: its commit is refused, the keys are the same",
        arguments: ConcurrencyTests.places)
    func failover(place: String) async throws {
        let wire = Wire()
        let old = try await Shop.open(try ConcurrencyTests.place(place), through: wire)
        let desk = Desk(
            store: old.desk.store, clock: old.desk.clock, ids: IDSource(seed: 2), zones: EverywhereUTC(),
            gateways: old.desk.gateways, settings: Settings(publicURL: "", node: "two"), log: old.desk.log)
        let new = try await Shop(desk, through: wire)
        let payment = try await old.pay(try await old.scan(), with: "ok")
        let token = try #require(try await old.startToken())
        let parcels = Parcels()
        wire.expect(
            .slow {
                // The gateway has done it. The old node hangs for longer than its lease, and the new one goes on.
                old.desk.clock.advance(by: .seconds(61))
                do {
                    parcels.keep(try await new.desk.store.read { tx in try tx.all(ParcelRecord.self) })
                    for _ in 0..<20 where try await new.workers.round() > 0 {}
                } catch {
                    Issue.record(error)
                }
            }, for: "/capture")
        let number = try #require(try await old.begin(token: token))
        old.desk.clock.advance(by: .minutes(40))
        try await old.end(20_000, of: number)
        old.desk.clock.advance(by: .seconds(10))
        for _ in 0..<20 where try await old.workers.round() > 0 {}
        #expect(try await old.row(payment).captured == .eur(9_80))
        let stale = try #require(parcels.all.last { $0.state == "leased" && $0.leasedBy == "one" })
        #expect(try await old.desk.store.transaction { tx in try tx.finish(stale, as: "queued") } == false)
        try await old.settleEverything()
        #expect(wire.sent("/capture").count == 1)
        #expect(try await old.attempts(of: payment).count { $0.operation == "capture" } == 1)
        try await old.isSound()
    }

    @Test(
        "F56: restored from yesterday's backup: what became of it is read again, and nothing is charged twice"
    )
    func restored() async throws {
        try await Folder.with { folder in
            let clock = WallClock(frozenAt: Instant(seconds: 1_800_000_000))
            let founded = try await Shop.open(.file(folder.path("till.db")), clock: clock)
            await founded.desk.store.close()
            try FileManager.default.copyItem(atPath: folder.path("till.db"), toPath: folder.path("bank.db"))
            // The gateway has a database of its own, which no backup of ours turns back.
            let bank = try await Shop.open(.file(folder.path("bank.db")), seed: 2, clock: clock)
            let wire = Wire()
            wire.connect(to: bank.office)
            var till = try await Shop.open(
                .file(folder.path("till.db")), seed: 3, clock: clock, through: wire)
            let visit = try await till.scan()
            let payment = try await RequestHold(desk: till.desk)(
                visit.0.id, accepting: visit.1.hash, clientKey: "form")
            try await till.work()
            try await bank.office.choose("ok", for: payment.id.text)
            _ = try await till.tell(payment.told("authorized", as: "evt-1", amount: 40_00))
            let number = try await till.started()
            clock.advance(by: .minutes(40))
            try await till.end(20_000, of: number)
            await till.desk.store.close()
            try FileManager.default.copyItem(atPath: folder.path("till.db"), toPath: folder.path("backup.db"))

            till = try await Shop.open(.file(folder.path("till.db")), seed: 4, clock: clock, through: wire)
            try await till.pass(.seconds(10))
            #expect(try await till.row(payment).captured == .eur(9_80))
            await till.desk.store.close()

            clock.advance(by: .hours(24))
            let restored = try await Shop.open(
                .file(folder.path("backup.db")), seed: 5, clock: clock, through: wire)
            #expect(try await restored.row(payment).capturedMinor == 0)
            try await restored.settleEverything()
            #expect(try await restored.row(payment).captured == .eur(9_80))
            #expect(try await restored.bill(of: payment).status == "settled")
            #expect(Set(wire.sent("/capture").map { $0.headers["Idempotency-Key"] }).count == 1)
            for finding in try await Invariants(desk: restored.desk)() { #expect(finding.offenders == []) }
            let there = try await bank.desk.store.read { tx in
                let account = try tx.gatewayAccount(of: bank.organisation)?.id.text ?? ""
                return try tx.sandboxObjects("balance \(account)").compactMap { Int64($0.body) }.reduce(0, +)
            }
            #expect(try await restored.balance("Assets:Clearing:Sandbox") == there)
            await restored.desk.store.close()
            await bank.desk.store.close()
        }
    }

    @Test("F65: a server that comes up with its clock set back does nothing early and nothing twice")
    func clockSetBack() async throws {
        try await Folder.with { folder in
            let first = try await Shop.open(.file(folder.path("till.db")))
            let payment = try await first.pay(try await first.scan(), with: "ok")
            let other = try await first.pay(try await first.scan(1), with: "ok")
            let number = try await first.started()
            first.desk.clock.advance(by: .minutes(40))
            try await first.end(20_000, of: number)
            let now = first.desk.clock.now
            await first.desk.store.close()

            let next = try await Shop.open(
                .file(folder.path("till.db")), seed: 2, clock: WallClock(frozenAt: now - .hours(2)))
            try await next.work()
            #expect(try await next.row(payment).capturedMinor == 0, "not yet quiet by what is stored")
            #expect(try await next.row(payment).status == "authorized")
            for _ in 0..<3 { try await next.pass(.hours(1)) }
            try await next.settleEverything()
            #expect(try await next.row(payment).captured == .eur(9_80))
            #expect(try await next.row(other).status == "voided", "nobody started there")
            #expect(try await next.attempts(of: payment).count { $0.operation == "capture" } == 1)
            try await next.isSound()
            await next.desk.store.close()
        }
    }
}

extension CrashFailureTests {
    @Test("F65: a clock that ran fast goes on after a restart from the last thing that anybody did")
    func clockRanAhead() async throws {
        let shop = try await Shop.open()
        _ = try await shop.scan()
        shop.desk.clock.advance(by: .hours(1))
        // Nothing but an operator's work since: its price must not begin in the future of the next start.
        let price = try Tariff.simple(id: "new", currency: .eur, energyPerKWh: Rate(billionths: 590_000_000))
        _ = try await TariffBook(desk: shop.desk).create(
            name: "New", currency: .eur, first: TariffBook.Draft(document: price.canonicalJSON),
            publishes: true,
            by: shop.author)
        let latest = try await shop.desk.store.read { tx in try tx.latestInstant() }
        #expect(latest == shop.desk.clock.now)
    }
}

/// A folder for the databases of one test.
private struct Folder {
    let url: URL

    static func with(_ body: (Folder) async throws -> Void) async throws {
        let folder = Folder(
            url: FileManager.default.temporaryDirectory.appending(
                path: "till_\(UInt64.random(in: 0...UInt64.max))"))
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        // the test has its answer; a folder that cannot be removed changes nothing
        defer { try? FileManager.default.removeItem(at: folder.url) }
        try await body(folder)
    }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

/// What lies on the disk after a visit: the file as it was before, and the log in which all of the visit is.
private struct Disk {
    var base: Data
    var log: Data
    /// How long the log was, and how many entries the journal had, before the visit was settled.
    var ended: Int
    var owed: Int
    var chain: [String]
    var payment: PaymentRecord
    var now: Instant

    /// A writer that has a second to itself moves the log into the file; then there is nothing to tear, and the visit is
    /// made again.
    static func afterVisit(in folder: Folder) async throws -> Disk {
        for attempt in 0..<20 {
            if let disk = try await visit(at: folder.path("till-\(attempt).db")) { return disk }
        }
        throw NoLog()
    }

    private struct NoLog: Error {}

    private static func visit(at path: String) async throws -> Disk? {
        let founded = try await Shop.open(.file(path))
        await founded.desk.store.close()
        let shop = try await Shop.open(.file(path), seed: 2)
        func file(_ suffix: String = "") throws -> Data { try Data(contentsOf: URL(filePath: path + suffix)) }
        let base = try file()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let number = try await shop.started()
        shop.desk.clock.advance(by: .minutes(40))
        try await shop.end(20_000, of: number)
        let (ended, owed) = (try file("-wal").count, try await shop.chain().count)
        try await shop.pass(.seconds(10))
        let chain = try await shop.chain()
        let log = try file("-wal")
        let isWhole = try file() == base
        await shop.desk.store.close()
        guard isWhole else { return nil }
        return Disk(
            base: base, log: log, ended: ended, owed: owed, chain: chain, payment: payment,
            now: shop.desk.clock.now)
    }
}

/// What lay in the outbox at a moment.
private final class Parcels: Sendable {
    private let kept = Mutex<[ParcelRecord]>([])
    var all: [ParcelRecord] { kept.withLock { $0 } }
    func keep(_ parcels: [ParcelRecord]) { kept.withLock { $0 = parcels } }
}

extension Shop {
    /// The hashes of the journal, the oldest first.
    fileprivate func chain() async throws -> [String] {
        try await desk.store.read { tx in
            try tx.transactions(of: organisation, limit: 1000).map(\.hash).reversed()
        }
    }
}
