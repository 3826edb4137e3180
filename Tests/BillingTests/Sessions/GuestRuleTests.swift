// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Testing

/// Rules of charging.md §13 about guests: their one-time token, and the hold that waits for a start.
@Suite("Guests by the rules", .timeLimit(.minutes(2)))
struct GuestRuleTests {
    private static func status(
        of token: String, at station: StationID, _ bench: ChargingBench
    ) async throws -> TokenAnswer? {
        let answer = try await bench.send(.authorize(PresentedToken(uid: token)), at: station)
        guard case .token(let told) = answer else { return nil }
        return told
    }

    @Test(
        "C27, F35 a guest's token starts one session, at its own EVSE and hold, and no station remembers it")
    func token() async throws {
        let bench = try await ChargingBench()
        let (checkout, payment, token) = try await bench.guest()
        let stranger = bench.stations[1].id
        _ = try await Stations(desk: bench.desk).addEVSE(
            StationPlan.EVSE(number: 2, current: .dc, powerMax: Power(watts: 50_000)), to: bench.station,
            by: bench.author)

        // Its own station is told yes, for no longer than this moment; another station knows no such token.
        let asked = try await Self.status(of: token, at: bench.station, bench)
        #expect(asked == TokenAnswer(status: .accepted, expiresAt: bench.now))
        #expect(try await Self.status(of: token, at: stranger, bench)?.status == .invalid)
        let strange = try await bench.start(token, station: stranger)
        #expect(strange.token?.status == .invalid)
        #expect(try await bench.session(strange.number, at: stranger).bill == nil)
        let beside = try await bench.start(token, evse: 2)
        #expect(beside.token?.status == .invalid)
        #expect(try await bench.session(beside.number).bill == nil)

        let started = try await bench.start(token)
        #expect(started.token == TokenAnswer(status: .accepted, expiresAt: bench.now))
        let session = try await bench.session(started.number)
        #expect(session.checkout == checkout)
        #expect(try await bench.bill(of: session)?.id == bench.find(PaymentRecord.self, payment).bill)

        bench.desk.clock.advance(by: .minutes(10))
        try await bench.stop(started.number, ChargingBench.register + 2000)
        try await bench.pass()
        #expect(try await Self.status(of: token, at: bench.station, bench)?.status == .expired)
        let again = try await bench.start(token, ChargingBench.register + 2000)
        #expect(again.token?.status == .expired)
        #expect(try await bench.session(again.number).bill == nil)
        #expect(try await bench.find(PaymentRecord.self, payment).capturedMinor == 98)
        // No token of a guest is among those that an operator could put on a station's list.
        let listed = try await bench.desk.store.read { tx in
            try tx.page(of: TokenRecord.self, for: bench.organisation).rows.filter { $0.kind == .payment }
        }
        #expect(listed.allSatisfy { $0.validUntil != nil && $0.account == nil })
        try await bench.checkInvariants()
    }

    @Test("C83 an accepted start is no start: the hold waits 90 s for a charge, and then goes back untouched")
    func acceptedOnly() async throws {
        let bench = try await ChargingBench()
        let (checkout, payment, _) = try await bench.guest()
        func status() async throws -> (bill: String, payment: String) {
            let paid = try await bench.find(PaymentRecord.self, payment)
            let bill = try await bench.find(CheckoutRecord.self, checkout).bill
            return (try await bench.find(BillRecord.self, bill).status, paid.status)
        }
        try await bench.pass(.seconds(80))
        #expect(try await status() == ("starting", "authorized"))
        // Now it has failed; the guest may try again for 45 s with the same hold.
        try await bench.pass(.seconds(15))
        #expect(try await status() == ("funded", "authorized"))
        try await bench.pass(.seconds(60))
        #expect(try await status() == ("cancelled", "voided"))
        #expect(try await bench.find(PaymentRecord.self, payment).capturedMinor == 0)
        try await bench.checkInvariants()
    }
}
