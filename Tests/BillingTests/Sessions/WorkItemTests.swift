// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Simulation
import Storage
import Tariffs
import Testing

/// The operator's list (charging.md §8): each reason with its money, its facts, and decisions that act.
@Suite("Questions for a person", .timeLimit(.minutes(2)))
struct WorkItemTests {
    private static let register = ChargingBench.register

    /// The only open question for a reason.
    private static func item(_ reason: String, _ bench: ChargingBench) async throws -> WorkItemRecord {
        let items = try await bench.work(reason)
        #expect(items.count == 1)
        return try #require(items.first)
    }

    @Test("every reason offers decisions, and every default favours the driver")
    func table() {
        for reason in WorkReason.allCases {
            #expect(!reason.decisions.isEmpty)
            if let standard = reason.standardDecision {
                #expect(reason.decisions.contains(standard))
                #expect([.waive, .billEnergyOnly].contains(standard))
            }
        }
        for flag in SessionFlag.allCases where flag.needsReview {
            #expect(WorkReason(rawValue: flag.rawValue)?.decisions.contains(.waive) == true, "\(flag)")
        }
    }

    @Test("C34, C35 an orphan stop is attached to the session that it ends, and billed like any other")
    func attach() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(40))
        try await bench.stop(-1, Self.register + 5000, token: bench.card)
        let item = try await Self.item("orphan_stop", bench)
        #expect(item.amountMinor == 245)
        let session = try await bench.session(number)
        #expect(item.facts.contains(WorkFact("candidate", session.id.text)))

        try await bench.decide(item, .attach)
        try await bench.pass()
        let settled = try await bench.session(number)
        #expect(settled.status == .final)
        #expect(try await bench.bill(of: settled)?.totalMinor == 245)
        let closed = try #require(try await bench.work("orphan_stop", state: "closed").first)
        #expect(
            closed.decision == "attach" && closed.decidedBy == "key_tests"
                && closed.note == "seen on the meter")
        try await bench.checkInvariants()
    }

    @Test("C35 an orphan stop is billed from a register that a person read off, or waived; never by guess")
    func typedRegister() async throws {
        let bench = try await ChargingBench()
        try await bench.stop(-1, Self.register + 5000, token: bench.card)
        try await bench.stop(0, Self.register + 9000, token: bench.card)
        let items = try await bench.work("orphan_stop").sorted { $0.openedAt < $1.openedAt }
        #expect(try await bench.sessions().isEmpty)
        await #expect(throws: AdministrationRefusal.self) {
            try await bench.decide(items[0], .billFromRegister)
        }
        try await bench.decide(items[0], .billFromRegister, register: Energy(wattHours: Self.register + 1000))
        try await bench.pass()
        let session = try #require(try await bench.sessions().first)
        #expect(session.energy == Energy(wattHours: 4000))
        #expect(try await bench.bill(of: session)?.totalMinor == 196)
        #expect(try await bench.wallet().posted == 200_00 - 196)

        try await bench.decide(items[1], .waive)
        #expect(try await bench.sessions().count == 1)
        #expect(try await bench.work("orphan_stop").isEmpty)
        try await bench.checkInvariants()
    }

    @Test(
        "stop_conflict: first, second, last sample or nothing",
        arguments: [
            (WorkDecision.firstStop, Int64(245)), (.secondStop, 441), (.lastSample, 123), (.waive, 0),
        ])
    func stopConflict(decision: WorkDecision, cents: Int64) async throws {
        let bench = try await ChargingBench()
        let number = try await bench.visit()
        bench.desk.clock.advance(by: .seconds(1))
        try await bench.stop(number, Self.register + 9000)
        try await bench.pass()
        #expect(try await bench.session(number).status == .inReview)
        let item = try await Self.item("stop_conflict", bench)
        #expect(item.amountMinor == 245)

        try await bench.decide(item, decision)
        try await bench.pass()
        let session = try await bench.session(number)
        #expect(session.status == .final)
        #expect(try await bench.bill(of: session)?.totalMinor == cents)
        #expect(try await bench.work("stop_conflict").isEmpty)
        try await bench.checkInvariants()
    }

    @Test(
        "register_reset: as measured, or the Wh that a person gives; the same through the session's own review"
    )
    func registerReset() async throws {
        for isGiven in [false, true] {
            let bench = try await ChargingBench()
            let number = try await bench.start().number
            for (minute, value) in [
                (10, Self.register + 1000), (20, Self.register + 2000), (30, 500), (40, 1500),
            ] {
                try await bench.sample(number, value, at: ChargingBench.beginning + .minutes(Int64(minute)))
            }
            bench.desk.clock.advance(by: .minutes(50))
            try await bench.stop(number, 3000)
            try await bench.pass()
            let item = try await Self.item("register_reset", bench)
            let session = try await bench.session(number)
            if isGiven {
                _ = try await ReviewSession(desk: bench.desk)(
                    session.id,
                    .init(.billEnergy, because: "the meter's log", energy: Energy(wattHours: 5000)),
                    by: bench.author)
            } else {
                try await bench.decide(item, .billAsMeasured)
            }
            try await bench.pass()
            #expect(
                try await bench.bill(of: try await bench.session(number))?.totalMinor == (isGiven ? 245 : 221)
            )
            #expect(try await bench.work().isEmpty)
            try await bench.checkInvariants()
        }
    }

    @Test("a session is decided once; a decision needs its reason and its numbers")
    func refusals() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.visit()
        bench.desk.clock.advance(by: .seconds(1))
        try await bench.stop(number, Self.register + 9000)
        try await bench.pass()
        let item = try await Self.item("stop_conflict", bench)
        let decide = DecideWorkItem(desk: bench.desk)
        await #expect(throws: AdministrationRefusal.self) {
            try await decide(item.id, .init("first_stop"), by: bench.author)
        }
        await #expect(throws: AdministrationRefusal.self) {
            try await decide(item.id, .init("credit", because: "no"), by: bench.author)
        }
        try await bench.decide(item, .firstStop)
        await #expect(throws: AdministrationRefusal.self) { try await bench.decide(item, .secondStop) }
        let id = try await bench.session(number).id
        await #expect(throws: AdministrationRefusal.self) {
            try await ReviewSession(desk: bench.desk)(id, .init(.waive, because: "again"), by: bench.author)
        }
    }

    @Test("C46, C26 a refused tag that delivered energy: answered, kept, billed to an account by decision")
    func refusedTag() async throws {
        let bench = try await ChargingBench()
        let answer = try await bench.start("BAD1")
        #expect(answer.token?.status == .invalid)
        #expect(answer.number > 0)
        bench.desk.clock.advance(by: .minutes(20))
        try await bench.stop(answer.number, Self.register + 5000, reason: "DeAuthorized")
        try await bench.pass()
        let item = try await Self.item("unpaid_energy", bench)
        #expect(item.amountMinor == 245)
        #expect(item.defaultAt == item.openedAt + .hours(24 * 30))
        await #expect(throws: AdministrationRefusal.self) { try await bench.decide(item, .billToAccount) }
        try await bench.decide(item, .billToAccount, account: try await bench.account().id)
        try await bench.pass()
        let session = try await bench.session(answer.number)
        #expect(session.status == .final)
        #expect(try await bench.bill(of: session)?.status == "settled")
        #expect(try await bench.wallet().posted == 200_00 - 245)
        try await bench.checkInvariants()
    }

    @Test("unpaid energy that nobody decides about is waived after 30 days")
    func unpaidDefault() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start("BAD1").number
        bench.desk.clock.advance(by: .minutes(20))
        try await bench.stop(number, Self.register + 5000)
        try await bench.pass()
        try await bench.pass(.hours(24 * 30) - .seconds(10))
        #expect(try await bench.work("unpaid_energy").count == 1)
        try await bench.pass(.seconds(20))
        let closed = try #require(try await bench.work("unpaid_energy", state: "closed").first)
        #expect(closed.decision == "waive" && closed.decidedBy == "server")
        #expect(try await bench.session(number).status == .final)
        #expect(try await bench.session(number).bill == nil)
    }

    @Test("F49 an offline start by a blocked account is billed to it: the whole is owed")
    func offlineStart() async throws {
        let bench = try await ChargingBench()
        let account = try await bench.account()
        try await bench.change(AccountRecord.self, account.id.text) { $0.status = .blocked }
        bench.desk.clock.advance(by: .hours(3))
        let begun = bench.now - .hours(2)
        let answer = try await bench.start(at: begun, offline: true)
        #expect(answer.token?.status == .blocked)
        try await bench.stop(answer.number, Self.register + 5000, at: begun + .hours(1))
        try await bench.pass()
        let session = try await bench.session(answer.number)
        let bill = try #require(try await bench.bill(of: session))
        #expect(bill.account == account.id)
        #expect(bill.status == "in_debt" && bill.totalMinor == 245)
        // Live, the same account is refused and its energy is a question.
        let live = try await bench.start(nil, Self.register + 5000)
        #expect(live.token?.status == .blocked)
        #expect(try await bench.session(live.number).bill == nil)
        try await bench.checkInvariants()
    }

    @Test("a fact after final that lowers the bill is given back by itself, once, with a credit note")
    func lateLower() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.visit()
        try await bench.pass()
        let session = try await bench.session(number)
        #expect(try await bench.bill(of: session)?.status == "settled")
        // The station only now tells its start register: it was 1 kWh higher.
        let start = Fact(
            .started(register: Energy(wattHours: Self.register + 1000)),
            measuredAt: ChargingBench.beginning - .seconds(1),
            receivedAt: bench.now)
        try await bench.say(TransactionReport(reference: .number(number), facts: [start]))
        #expect(try await Self.item("late_fact", bench).amountMinor == 49)
        try await bench.pass(.seconds(2))
        #expect(try await bench.wallet().posted == 200_00 - 196)
        let kinds = try await bench.desk.store.read { tx in try tx.documents(of: session.id).map(\.kind) }
        #expect(kinds.sorted() == ["credit_note", "receipt"])
        let after = try await bench.session(number)
        #expect(after.energy == session.energy && after.folded == session.folded)
        #expect(try await bench.bill(of: after)?.totalMinor == 245)
        #expect(try await bench.work("late_fact").isEmpty)
        // The same told again changes nothing.
        try await bench.say(TransactionReport(reference: .number(number), facts: [start]))
        try await bench.pass(.seconds(2))
        #expect(try await bench.wallet().posted == 200_00 - 196)
        try await bench.checkInvariants()
    }

    /// A session that was closed without its stop, and the stop that comes after it was final.
    private static func raised(_ bench: ChargingBench) async throws -> (number: Int64, item: WorkItemRecord) {
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.sample(number, register + 2000)
        try await bench.pass(.hours(12))
        try await bench.pass(.minutes(16))
        let session = try await bench.session(number)
        #expect(session.status == .final)
        #expect(try await bench.bill(of: session)?.totalMinor == 98)
        try await bench.stop(number, register + 5000, at: ChargingBench.beginning + .hours(1))
        // The end that we had set ourselves is no stop of the station's.
        #expect(try await bench.work("stop_conflict").isEmpty)
        return (number, try await item("late_fact", bench))
    }

    @Test("F37 a late stop that raises the bill is given away, unless a person charges the account")
    func lateHigher() async throws {
        for charges in [false, true] {
            let bench = try await ChargingBench()
            let (number, item) = try await Self.raised(bench)
            #expect(item.amountMinor == 147)
            #expect(item.facts.contains(WorkFact("would_be_energy_wh", "5000")))
            if charges {
                try await bench.decide(item, .charge)
            } else {
                try await bench.pass(.hours(24 * 30))
            }
            let closed = try #require(try await bench.work("late_fact", state: "closed").first)
            #expect(closed.decision == (charges ? "charge" : "ignore"))
            #expect(closed.decidedBy == (charges ? "key_tests" : "server"))
            let session = try await bench.session(number)
            #expect(try await bench.bill(of: session)?.totalMinor == 98)
            let debt = try await bench.desk.store.read { tx in
                try tx.trialBalance(of: bench.organisation).accounts.first { $0.account.contains("Debt") }
            }
            #expect(debt?.posted.minorUnits ?? 0 == (charges ? 147 : 0))
            // Asked once: the same stop again is no news.
            try await bench.stop(number, Self.register + 5000, at: ChargingBench.beginning + .hours(1))
            #expect(try await bench.work("late_fact").isEmpty)
            try await bench.checkInvariants()
        }
    }

    @Test("a decision about a final session refuses what cannot be, as a review does")
    func impossibleLate() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.visit()
        try await bench.pass()
        let session = try await bench.session(number)
        #expect(session.status == .final)
        for reason: WorkReason in [.registerFault, .noStartRegister] {
            var item = WorkItemRecord(
                id: bench.desk.ids.new(at: bench.now), organisation: bench.organisation,
                reason: reason.rawValue,
                object: session.id.text, detail: "asked before it was final", state: "open",
                openedAt: bench.now)
            item.session = session.id
            let asked = item
            try await bench.desk.store.transaction { tx in _ = try tx.open(asked) }
            await #expect(
                throws: AdministrationRefusal.invalid(field: "/energy_wh", "Energy is never negative.")
            ) {
                try await bench.decide(asked, .billEnergy, energy: Energy(wattHours: -1))
            }
        }
        let item = try await Self.item("no_start_register", bench)
        await #expect(throws: AdministrationRefusal.self) {
            try await bench.decide(
                item, .billFromRegister, register: Energy(wattHours: Self.register + 5001))
        }
        try await bench.decide(item, .billFromRegister, register: Energy(wattHours: Self.register + 1000))
        #expect(try await bench.work("late_fact").first?.amountMinor == 49)
        try await bench.checkInvariants()
    }

    @Test(
        "C33 another stop after the bill was final is a question, although it changes no price by itself",
        arguments: [
            (WorkDecision.firstStop, Int64(0)), (.secondStop, 196), (.lastSample, -122), (.waive, -245),
        ])
    func lateConflict(decision: WorkDecision, difference: Int64) async throws {
        let bench = try await ChargingBench()
        let number = try await bench.visit()
        try await bench.pass()
        let settled = try await bench.session(number)
        #expect(settled.status == .final)

        try await bench.stop(number, Self.register + 9000)
        #expect(try await bench.work("late_fact").isEmpty)
        let item = try await Self.item("stop_conflict", bench)
        #expect(item.session == settled.id && item.decisions.contains(decision))
        #expect(item.facts.contains(WorkFact("other_stop_register_wh", String(Self.register + 9000))))

        try await bench.decide(item, decision)
        #expect(try await bench.work("stop_conflict").isEmpty)
        // What was billed is never edited: a difference is a question with both bills.
        let late = try await bench.work("late_fact").first
        #expect(late?.amountMinor ?? 0 == abs(difference))
        #expect(try await bench.session(number).folded == settled.folded)
        try await bench.pass(.seconds(2))
        let back = difference < 0 ? -difference : 0
        #expect(try await bench.wallet().posted == 200_00 - 245 + back)
        // The same stop again asks nothing new.
        try await bench.stop(number, Self.register + 9000, at: item.openedAt)
        #expect(try await bench.work("stop_conflict").isEmpty)
        try await bench.checkInvariants()
    }

    @Test("a late charge is a debt of the account: it blocks, can be paid once, and then lifts the block")
    func lateCharge() async throws {
        let bench = try await ChargingBench()
        let (number, item) = try await Self.raised(bench)
        try await bench.decide(item, .charge)
        let account = try await bench.account().id
        let bill = try #require(try await bench.bill(of: try await bench.session(number)))
        let owed = try await bench.desk.store.read { tx in try tx.openDebts(of: account) }
        #expect(owed.map(\.amountMinor) == [147] && owed.map(\.bill) == [bill.id])
        #expect(try await bench.authorize(bench.card) == .blocked)
        #expect(bill.status == "settled" && bill.totalMinor == 98)

        let payment = try await PayDebt(desk: bench.desk)(bill.id, clientKey: "pay")
        try await bench.pass(.seconds(1))
        try await bench.sandbox.choose("ok", for: payment.id.text)
        try await bench.pass(.seconds(60))
        #expect(try await bench.desk.store.read { tx in try tx.openDebts(of: account) }.isEmpty)
        #expect(try await bench.authorize(bench.card) == .accepted)
        let paid = try await bench.find(PaymentRecord.self, payment.id)
        #expect(paid.capturedMinor == 147)
        #expect(try await bench.desk.store.read { tx in try tx.refunds(of: payment.id) }.isEmpty)
        let open = try await bench.desk.store.read { tx in
            try tx.trialBalance(of: bench.organisation).accounts.first { $0.account.contains("Debt") }
        }
        #expect(open?.posted.minorUnits ?? 0 == 0)
        await #expect(throws: PayDebt.Refusal.self) {
            _ = try await PayDebt(desk: bench.desk)(bill.id, clientKey: "pay again")
        }
        try await bench.checkInvariants()
    }

    @Test("a late charge that nobody pays can be given up; then it blocks nobody")
    func lateChargeGivenUp() async throws {
        let bench = try await ChargingBench()
        let (number, item) = try await Self.raised(bench)
        try await bench.decide(item, .charge)
        let bill = try #require(try await bench.bill(of: try await bench.session(number)))
        _ = try await WriteOffDebt(desk: bench.desk)(bill.id, because: "goodwill", by: bench.author)
        #expect(try await bench.authorize(bench.card) == .accepted)
        #expect(try await bench.bill(of: try await bench.session(number))?.status == "settled")
        try await bench.checkInvariants()
    }

    @Test("a frame that nobody can read is a question, one at a time for each station")
    func unreadable() async throws {
        let bench = try await ChargingBench()
        func keep(_ text: String, action: String = "", _ state: FrameState = .uninterpreted) async throws {
            let frame = ReceivedFrame(
                station: bench.station, connection: bench.desk.ids.new(at: bench.now), version: "1.6",
                messageID: "-1", action: action, bytes: Array(text.utf8), receivedAt: bench.now,
                findings: ["not JSON"])
            try await bench.door.keep(frame, direction: .inbound, state: state)
        }
        // Replies, and calls that were refused with an error, ask nothing.
        try await keep(#"[3,"1",{}]"#, .kept)
        try await keep(#"[2,"1","Nonsense",{}]"#, action: "Nonsense")
        #expect(try await bench.work().isEmpty)

        try await keep("hello")
        try await keep("hello again")
        let item = try await Self.item("uninterpreted", bench)
        #expect(item.station == bench.station && item.decisions == [.close])
        #expect(item.detail.contains("DEMO-1"))
        try await bench.decide(item, .close)
        #expect(try await bench.work().isEmpty)
        try await keep("and again")
        #expect(try await bench.work("uninterpreted").count == 1)

        // One that is too long is a question of its own.
        try await keep("[2,", .oversized)
        let long = try await Self.item("oversized", bench)
        #expect(long.decisions == [.close] && long.detail.contains("too long"))
        #expect(try await bench.work("uninterpreted").count == 1)
    }

    /// A session without a clock, at 0.49 €/kWh and 0.06 €/min: 3 minutes after 1970 began its station's time, 60 minutes
    /// it went on.
    private static func clockless(_ bench: ChargingBench) async throws -> (
        number: Int64, item: WorkItemRecord
    ) {
        var fees = Tariff.Fees()
        fees.timePerMinute = Rate(decimal: "0.06")
        let tariff = try await bench.find(SiteRecord.self, bench.stations[0].site).defaultTariff
        let id = try #require(tariff)
        let price = try Tariff.simple(
            id: id.text, currency: .eur, energyPerKWh: Rate(billionths: 490_000_000), fees: fees)
        bench.desk.clock.advance(by: .minutes(1))
        _ = try await TariffBook(desk: bench.desk).add(
            TariffBook.Draft(document: price.canonicalJSON), to: id, publishes: true, by: bench.author)
        bench.desk.clock.advance(by: .hours(6))
        let epoch = Instant(seconds: 180)
        let number = try await bench.start(at: epoch).number
        bench.desk.clock.advance(by: .hours(2))
        try await bench.sample(number, register + 2500, at: epoch + .minutes(30))
        try await bench.stop(number, register + 5000, at: epoch + .minutes(60))
        try await bench.pass()
        #expect(try await bench.bill(of: try await bench.session(number))?.totalMinor == 245)
        return (number, try await item("no_clock", bench))
    }

    @Test("no_clock: who knows the times corrects them; what that costs is a question with both bills")
    func correctTimes() async throws {
        let bench = try await ChargingBench()
        let (number, item) = try await Self.clockless(bench)
        #expect(item.decisions == [.billEnergyOnly, .correctTimes])
        let before = try await bench.session(number)
        let from = bench.now - .hours(2)
        for (start, end) in [
            (from, nil), (nil, from), (from, from), (from, from - .minutes(1)), (from, bench.now + .hours(1)),
        ] {
            await #expect(throws: AdministrationRefusal.self) {
                try await bench.decide(item, .correctTimes, from: start, to: end)
            }
        }

        try await bench.decide(item, .correctTimes, from: from, to: from + .minutes(60))
        #expect(try await bench.work("no_clock").isEmpty)
        // An hour at 0.06 €/min above the energy: a bill that is final is never edited.
        let late = try await Self.item("late_fact", bench)
        #expect(late.amountMinor == 360)
        #expect(try await bench.session(number).folded == before.folded)
        try await bench.decide(late, .charge)
        let account = try await bench.account().id
        let owed = try await bench.desk.store.read { tx in try tx.openDebts(of: account).map(\.amountMinor) }
        #expect(owed == [360])
        try await bench.checkInvariants()
    }

    @Test("no_clock: energy alone is billed at once, and the question says so for 7 days")
    func noClock() async throws {
        let bench = try await ChargingBench()
        let epoch = Instant(seconds: 180)
        let number = try await bench.start(at: epoch).number
        try await bench.sample(number, Self.register + 2500, at: epoch + .minutes(30))
        try await bench.stop(number, Self.register + 5000, at: epoch + .hours(5))
        try await bench.pass()
        let session = try await bench.session(number)
        #expect(session.status == .final)
        #expect(try await bench.bill(of: session)?.totalMinor == 245)
        let item = try await Self.item("no_clock", bench)
        #expect(item.defaultAt == item.openedAt + .hours(24 * 7))
        try await bench.pass(.hours(24 * 7))
        #expect(try await bench.work("no_clock").isEmpty)
    }

    @Test(
        "samples that count from zero are a question once: who bills them as measured has said so of the station"
    )
    func ownScale() async throws {
        let bench = try await ChargingBench()
        func visit(from register: Int64) async throws -> SessionRecord {
            let number = try await bench.start(nil, register).number
            bench.desk.clock.advance(by: .minutes(10))
            try await bench.sample(number, 2000)
            bench.desk.clock.advance(by: .minutes(10))
            try await bench.stop(number, register + 5000)
            try await bench.pass()
            return try await bench.session(number)
        }
        let first = try await visit(from: Self.register)
        #expect(first.status == .inReview)
        // Said meanwhile, and kept.
        try await bench.change(StationRecord.self, bench.station.text) {
            $0.meter = StationMeter(location: .body)
        }
        try await bench.decide(try await Self.item("two_scales", bench), .billAsMeasured)
        #expect(try await bench.session(first.number).energy == Energy(wattHours: 5000))
        #expect(
            try await bench.find(StationRecord.self, bench.station).meter
                == StationMeter(location: .body, countsFromZero: true))
        try await bench.change(StationRecord.self, bench.station.text) { $0.meter?.location = .outlet }

        let second = try await visit(from: Self.register + 5000)
        #expect(second.status == .final)
        #expect(second.energy == Energy(wattHours: 5000))
        // The session of before is still folded as it was.
        try await bench.checkInvariants()
    }

    @Test("C50 where the operator says so the register at the inlet is billed, from the next session on")
    func inlet() async throws {
        let bench = try await ChargingBench()
        func visit(_ name: String) async throws -> SessionRecord? {
            func say(_ sequence: Int64, _ kinds: [Fact.Kind], _ token: PresentedToken? = nil) async throws {
                try await bench.say(
                    TransactionReport(
                        reference: .named(name), evse: 1, token: token,
                        facts: kinds.map {
                            Fact($0, measuredAt: bench.now, receivedAt: bench.now, sequence: sequence)
                        }))
                bench.desk.clock.advance(by: .minutes(20))
            }
            func register(_ wattHours: Int64, _ context: String) -> Fact.Kind {
                .reading(
                    Reading(
                        .importRegister, value: wattHours * 1000, context: context, location: "Inlet"))
            }
            let token = PresentedToken(uid: bench.card)
            try await say(
                0, [.started(register: nil), .token(token), register(0, "Transaction.Begin")], token)
            try await say(
                1, [register(3000, "Transaction.End"), .ended(register: nil, reason: "Local")])
            try await bench.pass(.minutes(16))
            return try await bench.sessions().first { $0.name == name }
        }
        #expect(try await visit("a")?.status == .inReview)
        #expect(try await bench.work("no_usable_register").first?.decisions == [.billEnergy, .waive])
        try await bench.change(StationRecord.self, bench.station.text) {
            $0.meter = StationMeter(location: .inlet)
        }
        let read = try await visit("b")
        #expect(read?.energy == Energy(wattHours: 3000))
        #expect(read?.status == .final)
        try await bench.checkInvariants()
    }

    @Test("an uninterpreted message is read again by the version that can")
    func readAgain() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        let frame: FrameID = bench.desk.ids.new(at: bench.now)
        let stop = TransactionReport(
            reference: .number(number),
            facts: [
                Fact(
                    .ended(register: Energy(wattHours: Self.register + 1000), reason: "Local"),
                    measuredAt: bench.now + .minutes(5), receivedAt: bench.now)
            ])
        try await bench.desk.store.transaction { tx in
            try tx.open(
                WorkItemRecord(
                    id: bench.desk.ids.new(at: bench.now), organisation: bench.organisation,
                    reason: "uninterpreted",
                    object: frame.text, station: bench.station, detail: "not read",
                    message: .transaction(stop),
                    state: "open", openedAt: bench.now))
        }
        try await bench.decide(try await Self.item("uninterpreted", bench), .readAgain)
        #expect(try await bench.session(number).energy == Energy(wattHours: 1000))
    }
}

/// Who may charge (charging.md §10).
@Suite("Tokens", .timeLimit(.minutes(2)))
struct TokenTests {
    @Test("C23, C26, C28 accepted, blocked, expired, invalid and no credit are kept apart")
    func statuses() async throws {
        let bench = try await ChargingBench()
        #expect(try await bench.authorize(bench.card.lowercased()) == .accepted)
        #expect(try await bench.authorize(bench.card + " ") == .invalid)
        _ = try await bench.driver("EMPTY", cents: 0)
        #expect(try await bench.authorize("EMPTY") == .noCredit)
        let debtor = try await bench.driver("DEBTOR", cents: 50_00)
        try await bench.change(AccountRecord.self, debtor.text) { $0.status = .blocked }
        #expect(try await bench.authorize("DEBTOR") == .blocked)
        let token = try await bench.token(bench.card)
        let now = bench.now
        try await bench.change(TokenRecord.self, token.id.text) { $0.validUntil = now }
        #expect(try await bench.authorize(bench.card) == .expired)
        try await bench.change(TokenRecord.self, token.id.text) { $0.status = .blocked }
        #expect(try await bench.authorize(bench.card) == .blocked)
    }

    @Test("C25 a yes at Authorize is no promise: the start asks again")
    func reverified() async throws {
        let bench = try await ChargingBench()
        #expect(try await bench.authorize(bench.card) == .accepted)
        let token = try await bench.token(bench.card)
        try await bench.change(TokenRecord.self, token.id.text) { $0.status = .blocked }
        #expect(try await bench.start().token?.status == .blocked)
    }

    @Test("C26 a second session of an account that may have one is told so at its start, never at Authorize")
    func concurrent() async throws {
        let bench = try await ChargingBench()
        let account = try await bench.account()
        try await bench.change(AccountRecord.self, account.id.text) { $0.sessionsAtOnce = 1 }
        #expect(try await bench.start().token?.status == .accepted)
        #expect(try await bench.authorize(bench.card) == .accepted)
        #expect(try await bench.start(station: bench.stations[1].id).token?.status == .concurrent)
        #expect(try await bench.session(1, at: bench.stations[1].id).bill == nil)
    }

    @Test("C24 the same token, its group and the master pass may stop; a stranger's word changes nothing")
    func stops() async throws {
        let bench = try await ChargingBench()
        let account = try await bench.account()
        _ = try await bench.driver("STRANGER", cents: 0)
        _ = try await bench.driver("STAFF", cents: 0)
        let staff = try await bench.token("STAFF")
        try await bench.change(TokenRecord.self, staff.id.text) { $0.masterPass = true }
        _ = try await Tokens(desk: bench.desk).create(
            .init(kind: .rfid, uid: "SECOND", account: account.id), by: bench.author)
        for (uid, status) in [
            (bench.card, TokenStatus.accepted), ("SECOND", .accepted), ("STAFF", .accepted),
            ("STRANGER", .noCredit),
            ("NOBODY", .invalid),
        ] {
            let number = try await bench.start().number
            bench.desk.clock.advance(by: .minutes(5))
            let answer = try await bench.stop(number, ChargingBench.register + 1000, token: uid)
            #expect(answer.token?.status == status, "\(uid)")
            // Energy flowed and the session has ended, whoever stopped it; it is billed to whoever began it.
            #expect(try await bench.session(number).account == account.id)
            try await bench.pass()
        }
    }

    @Test("another reader's text is the same card once a person confirmed it, never by guess")
    func aliases() async throws {
        let bench = try await ChargingBench()
        let token = try await bench.token(bench.card)
        let reversed = "F6E5D4C3B2A104"
        #expect(TokenText.aliases(of: bench.card).contains(reversed))
        #expect(try await bench.authorize(reversed) == .invalid)
        let tokens = Tokens(desk: bench.desk)
        try await tokens.confirm(reversed, for: token.id, by: bench.author)
        #expect(try await bench.authorize(reversed) == .accepted)
        #expect(try await bench.start(reversed).token?.status == .accepted)
        #expect(try await bench.session(1).account == token.account)
        _ = try await bench.driver("OTHER", cents: 0)
        let other = try await bench.token("OTHER")
        await #expect(throws: AdministrationRefusal.tokenAlreadyBound) {
            try await tokens.confirm(reversed, for: other.id, by: bench.author)
        }
        await #expect(throws: AdministrationRefusal.tokenAlreadyBound) {
            _ = try await tokens.create(.init(kind: .rfid, uid: reversed.lowercased()), by: bench.author)
        }
        try await tokens.forget(reversed, of: token.id, by: bench.author)
        #expect(try await bench.authorize(reversed) == .invalid)
    }

    @Test("limits: a session is stopped within its own, and a day's and a month's are kept over sessions")
    func limits() async throws {
        let bench = try await ChargingBench()
        let token = try await bench.token(bench.card)
        try await bench.change(TokenRecord.self, token.id.text) {
            $0.limits = TokenLimits(sessionMinor: 20_00, dayMinor: 4_00, monthMinor: 6_00)
        }
        let first = try await bench.visit()
        let quote = try await bench.desk.store.read { [session = try await bench.session(first)] tx in
            try session.bill.flatMap { try tx.find(BillRecord.self, $0) }
                .flatMap { try tx.find(QuoteRecord.self, $0.quote) }
        }
        #expect(quote?.holdMinor == 4_00)
        try await bench.pass()
        // 2.45 € are spent, 1.55 € are left today.
        #expect(try await bench.authorize(bench.card) == .accepted)
        let second = try await bench.visit(3163)
        try await bench.pass()
        #expect(try await bench.bill(of: try await bench.session(second))?.totalMinor == 1_55)
        #expect(try await bench.authorize(bench.card) == .noCredit)
        try await bench.pass(.hours(24))
        #expect(try await bench.authorize(bench.card) == .accepted)
        let third = try await bench.start()
        #expect(third.token?.status == .accepted)
        try await bench.stop(third.number, ChargingBench.register + 4081)
        try await bench.pass()
        #expect(try await bench.authorize(bench.card) == .noCredit)
    }
}
