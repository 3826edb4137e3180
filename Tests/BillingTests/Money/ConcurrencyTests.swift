// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Foundation
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// Many at once: whatever order they come in, a bill is captured once and a wallet never falls below its floor (I6, I15).
@Suite("Two hundred clients at once", .serialized)
struct ConcurrencyTests {
    /// Every engine of this machine; PostgreSQL where `make test` has started one.
    static var places: [String] {
        ["memory"]
            + (ProcessInfo.processInfo.environment["AMPTILL_TEST_POSTGRES"].map { _ in ["postgres"] } ?? [])
    }

    static func place(_ name: String) throws -> DatabaseLocation {
        guard name == "postgres" else { return .memory }
        let address = try #require(ProcessInfo.processInfo.environment["AMPTILL_TEST_POSTGRES"])
        let schema = "crowd_\(UInt64.random(in: 0...UInt64.max))"
        return .postgres(url: address, schema: schema)
    }

    @Test(
        "F43: 200 clients, 20 keys, two workers, racing webhooks: one capture per bill",
        .timeLimit(.minutes(3)),
        arguments: places)
    func crowd(place: String) async throws {
        let shop = try await Shop.open(try Self.place(place))
        let visit = try await shop.scan()
        let request = RequestHold(desk: shop.desk)
        // A key that lost to another one is told so; the same key always gets its own payment.
        let payments = await withTaskGroup(of: PaymentRecord?.self) { group in
            for client in 0..<200 {
                group.addTask {
                    // refused while another key's payment is already approved: that is an answer as well
                    try? await request(
                        visit.0.id, accepting: visit.1.hash, clientKey: "key-\(client % 20)")
                }
            }
            return await group.reduce(into: [PaymentRecord]()) { if let payment = $1 { $0.append(payment) } }
        }
        let ids = Set(payments.map(\.id))
        let byKey = Dictionary(grouping: payments, by: { $0.clientKey ?? "" })
        for (key, same) in byKey { #expect(Set(same.map(\.id)).count == 1, "\(key)") }
        try await shop.work()
        for id in ids { try await shop.office.choose("webhook_twice", for: id.text) }
        for _ in 0..<6 {
            async let one = shop.workers.round()
            async let two = shop.workers.round()
            _ = try await (one, two)
        }
        let token = try #require(try await shop.startToken())
        try await shop.charge(20_000, token: token)
        try await shop.settleEverything()
        let all = try await shop.payments(of: try #require(payments.first))
        #expect(all.count { $0.capturedMinor > 0 } == 1)
        #expect(all.map(\.capturedMinor).reduce(0, +) == 9_80)
        #expect(all.allSatisfy { $0.isOver })
        try await shop.isSound()
    }

    @Test(
        "200 reservations and pay-outs on one wallet never pass its floor", .timeLimit(.minutes(3)),
        arguments: places)
    func wallet(place: String) async throws {
        let shop = try await Shop.open(try Self.place(place))
        let wallet = try #require(
            try await shop.desk.store.read { tx in
                try tx.token(folded: PresentedToken.folded(shop.seeded.card), of: shop.organisation)?.account
                    .flatMap { try tx.wallets(of: $0).first }
            })
        // 200.00 are there; each of 200 cars at an AC point would like 25.00, and takes 10.00 at least.
        let crowd = try await shop.withStations(200)
        let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for station in 2..<202 {
                group.addTask { try await crowd.begin(station, token: shop.seeded.card) != nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 8)
        let after = try #require(
            try await shop.desk.store.read { tx in try tx.find(WalletRecord.self, wallet.id) })
        #expect(after.posted - after.pending == after.floor)
        #expect(after.pending == 200_00)
        let unsound = try await Invariants(desk: shop.desk)().filter { !$0.offenders.isEmpty }
        #expect(unsound == [])
    }
}

extension Shop {
    /// So many AC stations more, at the same site.
    fileprivate func withStations(_ count: Int) async throws -> Shop {
        let now = desk.clock.now
        let more = try await desk.store.transaction { tx -> [StationID] in
            guard let first = try tx.station(identity: "DEMO-2"),
                let site = try tx.find(SiteRecord.self, first.site)
            else { return [] }
            return try (0..<count).map { number in
                let plan = StationPlan(
                    identity: "CROWD-\(number)", securityProfile: 0, passwordHash: nil,
                    evses: [StationPlan.EVSE(number: 1, current: .ac, powerMax: Power(watts: 22_000))])
                return try plan.make(at: site, with: desk, in: tx, at: now).station.id
            }
        }
        var crowd = self
        crowd.stations += more
        return crowd
    }
}
