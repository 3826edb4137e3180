// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Testing

/// What a station tells of the past says nothing about now (charging.md §8, Replay; §12).
@Suite("Told late, and not told at all")
struct OutageTests {
    private static let register = ChargingBench.register

    /// The station is away for so long.
    private func away(_ time: Elapsed, _ bench: ChargingBench) async throws {
        try await bench.door.disconnected(
            bench.station, connection: bench.desk.ids.new(at: bench.now), lastSeenAt: bench.now)
        try await bench.pass(time)
        try await bench.connect(bench.station)
    }

    /// A status of the first station's connector.
    private func status(
        _ word: String, evse: Int = 1, at instant: Instant? = nil, _ bench: ChargingBench
    ) async throws {
        try await bench.send(
            .status(
                StatusReport(
                    evse: evse, connector: 1, status: EVSEStatus.occupied, wireStatus: word,
                    measuredAt: instant ?? bench.now)))
    }

    /// A session that has charged 1 kWh in ten minutes, and of which the vehicle asks for no more; gives its number.
    private func charged(_ bench: ChargingBench) async throws -> Int64 {
        let number = try await bench.start().number
        try await status("Charging", bench)
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.sample(number, Self.register + 1000)
        try await status("SuspendedEV", bench)
        return number
    }

    /// The commands that wait for the first station.
    private func commands(_ bench: ChargingBench) async throws -> [StationCommand] {
        var taken: [StationCommand] = []
        // One at a time; of those that are too late nothing is seen but an empty hand.
        for _ in 0..<20 {
            for command in try await bench.door.claimCommands(for: [bench.station]) {
                try await bench.door.recordReply(.accepted, to: command)
                taken.append(command.command)
            }
        }
        return taken
    }

    /// The minutes of each state that the session is priced by.
    private func table(_ session: SessionRecord) -> String {
        session.folded.usage().intervals.map { "\($0.state.rawValue)\(($0.end - $0.start).seconds / 60)" }
            .joined(separator: " ")
    }

    @Test("C47 a replay is priced as it was, and nothing comes of it: no notice, no stop, no larger hold")
    func replay() async throws {
        let bench = try await ChargingBench()
        try await bench.change(StationRecord.self, bench.station.text) {
            $0.configuration = ["CustomDisplayCostAndPrice": "true"]
        }
        let (_, payment, token) = try await bench.guest()
        let number = try await bench.start(token).number
        try await status("Charging", bench)
        _ = try await commands(bench)
        let begun = bench.now
        try await away(.hours(8), bench)
        let before = try await bench.find(PaymentRecord.self, payment)
        // It is there, and has not told anything yet; or only what is so now.
        bench.desk.clock.advance(by: .seconds(3))
        _ = try await UpdateLiveBill(desk: bench.desk)(bench.session(number).id)
        try await status("Charging", bench)
        bench.desk.clock.advance(by: .seconds(3))
        _ = try await UpdateLiveBill(desk: bench.desk)(bench.session(number).id)
        #expect(try await bench.session(number).live?.cost == .eur(0))

        // 10 kWh in the first hour, then an hour of idling: 4.90 and, after five minutes, 5.50. The stop is still to come.
        try await bench.sample(number, Self.register + 10_000, at: begun + .hours(1))
        try await bench.say(
            TransactionReport(
                reference: .number(number),
                facts: [
                    Fact(
                        .state(.suspendedByVehicle), measuredAt: begun + .hours(1), receivedAt: bench.now,
                        offline: true)
                ], offline: true))
        bench.desk.clock.advance(by: .seconds(2))
        try await bench.sample(number, Self.register + 10_000, at: begun + .hours(2))

        #expect(try await bench.session(number).live?.cost == .eur(10_40))
        #expect(try await commands(bench).isEmpty)
        #expect(try await bench.session(number).stopAskedAt == nil)
        let after = try await bench.find(PaymentRecord.self, payment)
        #expect(after.hold == before.hold)

        try await bench.stop(number, Self.register + 10_000, at: begun + .hours(2))
        try await bench.pass()
        #expect(try await commands(bench).isEmpty)
        #expect(try await bench.bill(of: bench.session(number))?.totalMinor == 10_40)
        try await bench.checkInvariants()
    }

    @Test("when a replay is over and the session goes on, its hold is guarded again")
    func liveAgain() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        try await status("Charging", bench)
        let begun = bench.now
        try await away(.hours(3), bench)
        try await bench.sample(number, Self.register + 395_000, at: begun + .hours(2) + .minutes(50))
        #expect(try await bench.session(number).live?.cost == .eur(193_55))
        #expect(try await bench.session(number).stopAskedAt == nil)

        bench.desk.clock.advance(by: .seconds(10))
        try await bench.sample(number, Self.register + 400_000)
        #expect(try await bench.session(number).stopAskedAt != nil)
    }

    @Test(
        "a slow clock is no replay: what runs by it is guarded", arguments: [Elapsed.minutes(3), .hours(5)])
    func slowClock(behind: Elapsed) async throws {
        let bench = try await ChargingBench()
        bench.desk.clock.advance(by: .hours(1))
        let number = try await bench.start(at: bench.now - behind).number
        // 410 kWh are 201 €; the wallet has 200.
        for step in Int64(1)...11 {
            bench.desk.clock.advance(by: .minutes(15))
            try await bench.sample(number, Self.register + 37_300 * step, at: bench.now - behind)
        }
        #expect(try await bench.session(number).stopAskedAt != nil)
    }

    @Test("while a station is away its sessions cost what is known, not what may be")
    func whileAway() async throws {
        let bench = try await ChargingBench()
        let number = try await charged(bench)
        bench.desk.clock.advance(by: .minutes(1))
        try await bench.door.disconnected(
            bench.station, connection: bench.desk.ids.new(at: bench.now), lastSeenAt: bench.now)
        bench.desk.clock.advance(by: .hours(5))
        _ = try await UpdateLiveBill(desk: bench.desk)(bench.session(number).id)

        #expect(try await bench.session(number).live?.cost == .eur(49))
    }

    @Test("C67 through an outage nobody is idle until a status says so; a short one changes nothing")
    func idleThroughOutage() async throws {
        for (outage, expected) in [(Elapsed.hours(2), "C10 P10 S150"), (.minutes(1), "C10 P41")] {
            let bench = try await ChargingBench()
            let number = try await charged(bench)
            bench.desk.clock.advance(by: .minutes(10))
            // Heard until now.
            try await away(outage, bench)
            bench.desk.clock.advance(by: .minutes(30))
            try await bench.stop(number, Self.register + 1000)

            #expect(table(try await bench.session(number)) == expected)
        }
    }

    @Test(
        "C67 a line that another one takes the place of was no outage; a status told again holds from when it came"
    )
    func lines() async throws {
        let bench = try await ChargingBench()
        let number = try await charged(bench)
        let suspended = bench.now
        bench.desk.clock.advance(by: .minutes(20))
        try await bench.connect(bench.station)
        bench.desk.clock.advance(by: .minutes(10))
        try await away(.minutes(30), bench)
        // The station is well; of its connector that says nothing.
        try await status("Available", evse: 0, bench)
        bench.desk.clock.advance(by: .minutes(5))
        try await status("SuspendedEV", at: suspended, bench)
        bench.desk.clock.advance(by: .minutes(5))
        try await bench.stop(number, Self.register + 1000)

        #expect(table(try await bench.session(number)) == "C10 P30 S35 P5")
    }

    @Test("C65 a station that is broken as a whole keeps its vehicles from charging")
    func wholeStation() async throws {
        let bench = try await ChargingBench()
        let number = try await charged(bench)
        bench.desk.clock.advance(by: .minutes(10))
        try await status("Faulted", evse: 0, bench)
        bench.desk.clock.advance(by: .minutes(10))
        try await status("Available", evse: 0, bench)
        bench.desk.clock.advance(by: .minutes(5))
        try await bench.stop(number, Self.register + 1000)

        #expect(table(try await bench.session(number)) == "C10 P10 S10 P5")
    }

    @Test("C73 trivial energy costs nothing: so says the answer, so the display, so the bill")
    func trivial() async throws {
        let bench = try await ChargingBench()
        try await bench.change(StationRecord.self, bench.station.text) {
            $0.configuration = ["CustomDisplayCostAndPrice": "true"]
        }
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(1))
        let answer = try await bench.stop(number, Self.register + 80)
        try await bench.pass()

        #expect(answer.cost == .eur(0))
        #expect(try await bench.bill(of: bench.session(number))?.totalMinor == 0)
        let told = try await commands(bench).compactMap { command -> String? in
            if case .tell(let notice) = command, notice.moment == .final { notice.cost } else { nil }
        }
        #expect(told == ["0.00"])
    }

    @Test("C61 samples without a number find their session by our clock, whatever the station's shows")
    func wrongClock() async throws {
        let bench = try await ChargingBench()
        let behind = Elapsed.hours(1)
        for minute in 0..<9 {
            bench.desk.clock.advance(by: .minutes(2))
            try await status(
                minute.isMultiple(of: 2) ? "Preparing" : "Available", at: bench.now - behind, bench)
        }
        let number = try await bench.start(at: bench.now - behind).number
        bench.desk.clock.advance(by: .minutes(20))
        let reading = Reading(.importRegister, value: (Self.register + 700) * 1000)
        try await bench.send(
            .readings(
                evse: 1,
                facts: [Fact(.reading(reading), measuredAt: bench.now - behind, receivedAt: bench.now)]))

        #expect(try await bench.session(number).energy == Energy(wattHours: 700))
    }

    @Test("C22 statuses repeated after a connection, with the time at which they began, teach no clock")
    func oldStatuses() async throws {
        let bench = try await ChargingBench()
        bench.desk.clock.advance(by: .hours(6))
        try await bench.connect(bench.station)
        for second in Int64(0)..<9 {
            bench.desk.clock.advance(by: .seconds(1))
            try await status("Available", at: bench.now - .hours(5) + .seconds(second), bench)
        }
        let station = try await bench.find(StationRecord.self, bench.station)
        #expect((station.clock?.median ?? .zero) == .zero)
    }
}
