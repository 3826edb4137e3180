// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// What a driver allowed besides a cost: the station is asked to stop there, not before, and the reason is kept.
@Suite("Limits of energy and time", .serialized)
struct GuardLimitsTests {
    @Test(
        "a session is stopped by the meter value that reaches its limit of energy", .timeLimit(.minutes(2)),
        arguments: ConcurrencyTests.places)
    func energy(place: String) async throws {
        let shop = try await Shop.open(try ConcurrencyTests.place(place))
        let (payment, number) = try await begin(
            SessionLimits(energy: Energy(wattHours: 10_000)), in: shop)

        shop.desk.clock.advance(by: .minutes(5))
        try await shop.meter(9_999, of: number)
        #expect(try await !shop.takeStop())
        #expect(try await session(of: payment, in: shop).stopCause == nil)
        shop.desk.clock.advance(by: .minutes(1))
        try await shop.meter(10_000, of: number)

        #expect(try await shop.takeStop())
        #expect(try await session(of: payment, in: shop).stopCause == .energyLimit)
        // What flows until it has stopped is delivered and paid: 10.4 kWh at 0.49 are 5.10.
        shop.desk.clock.advance(by: .seconds(10))
        try await shop.end(10_400, of: number)
        try await shop.pass(.seconds(10))
        #expect(try await shop.row(payment).captured == .eur(5_10))
        let told = try await shop.desk.store.read { tx in
            var ended = ListFilter()
            ended.equal["type"] = ["session.ended"]
            return try tx.page(of: EventRecord.self, for: shop.organisation, ended).rows
        }
        #expect(told.map(\.data).contains { $0.contains(#""stop_cause":"energy_limit""#) })
        try await shop.isSound()
    }

    @Test(
        "a session is stopped when its time is over, without any meter value", .timeLimit(.minutes(2)),
        arguments: ConcurrencyTests.places)
    func duration(place: String) async throws {
        let shop = try await Shop.open(try ConcurrencyTests.place(place))
        let (payment, number) = try await begin(SessionLimits(duration: .minutes(30)), in: shop)
        let id = try await session(of: payment, in: shop).id
        let look = UpdateLiveBill(desk: shop.desk)

        shop.desk.clock.advance(by: .seconds(30 * 60 - 1))
        _ = try await look(id)
        #expect(try await !shop.takeStop())
        shop.desk.clock.advance(by: .seconds(1))
        _ = try await look(id)

        #expect(try await shop.takeStop())
        #expect(try await session(of: payment, in: shop).stopCause == .durationLimit)
        try await shop.end(4_000, of: number)
        try await shop.pass(.seconds(10))
        #expect(try await shop.bill(of: payment).status == "settled")
    }

    @Test("the first reason stays: a hold that is nearly used up, or the driver")
    func causes() async throws {
        let shop = try await Shop.open()
        let (dear, first) = try await begin(
            SessionLimits(energy: Energy(wattHours: 90_000)), with: "no_increment", in: shop)
        shop.desk.clock.advance(by: .minutes(45))
        try await shop.meter(82_000, of: first)
        #expect(try await session(of: dear, in: shop).stopCause == .costLimit)
        try await shop.end(82_000, of: first)
        try await shop.pass(.seconds(10))

        let (own, second) = try await begin(SessionLimits(energy: Energy(wattHours: 1_000)), in: shop)
        _ = try await RequestRemoteStop(desk: shop.desk)(try await session(of: own, in: shop).id)
        shop.desk.clock.advance(by: .minutes(1))
        try await shop.meter(2_000, of: second)

        #expect(try await session(of: own, in: shop).stopCause == .requested)
    }

    /// A guest's session that runs; gives its hold and the transaction's number.
    private func begin(
        _ limits: SessionLimits, with instrument: String = "ok", in shop: Shop
    ) async throws -> (PaymentRecord, Int64) {
        var wish = OpenCheckout.Wish(evseCode: shop.seeded.stations[0].code)
        wish.limits = limits
        let payment = try await shop.pay(try await OpenCheckout(desk: shop.desk)(wish), with: instrument)
        let token = try #require(try await shop.takeStart())
        return (payment, try #require(try await shop.begin(token: token)))
    }

    private func session(of payment: PaymentRecord, in shop: Shop) async throws -> SessionRecord {
        let id = try #require(try await shop.bill(of: payment).session)
        return try #require(try await shop.desk.store.read { tx in try tx.find(SessionRecord.self, id) })
    }
}
