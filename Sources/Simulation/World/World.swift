// SPDX-License-Identifier: Apache-2.0

package import Billing
import Charging
import Payments
import Quantities
import Storage

/// A small network in one process, flooded with faults from a seed: stations repeat and delay what they say, gateways
/// lose requests and answers, drivers give up. Afterwards everything that was promised must be true.
///
/// The same seed gives the same story. Time passes only when the world lets it.
package struct World: Sendable {
    private let desk: Desk
    private let door: StationDesk
    private let sandbox: SandboxOffice
    private let workers: Workers
    private let seeded: SeedDemonstration.Seeded
    private let stations: [StationID]
    private let givesBack: Bool

    /// What a run came to.
    package struct Report: Sendable, Hashable {
        /// How many visits of each outcome there were.
        package var outcomes: [String: Int] = [:]
        /// What is at the gateway, minor units, by our books and by the Sandbox's: taken, not given back, less its fees.
        package var keptHere: Int64 = 0
        package var keptThere: Int64 = 0
        /// Promises that are broken; none is good.
        package var broken: [String] = []
    }

    /// Founds the network on an empty store; `givesBack` lets the operator refund some of the visits.
    package init(desk: Desk, givesBack: Bool = true) async throws {
        self.desk = desk
        self.givesBack = givesBack
        let founded = try await FoundInstallation(desk: desk)(operatorKey: nil)
        seeded = try await SeedDemonstration(desk: desk)(in: founded.organisation)
        door = StationDesk(desk: desk)
        sandbox = SandboxOffice(desk: desk)
        workers = Workers(desk: desk, couriers: [PaymentCourier(desk: desk, sender: sandbox), sandbox])
        stations = try await desk.store.read { [seeded] tx in
            try seeded.stations.compactMap { try tx.station(identity: $0.identity)?.id }
        }
    }

    /// Plays so many visits, one after the other, and checks the promises.
    package func play(visits: Int, seed: UInt64) async throws -> Report {
        var chance = SeededGenerator(seed: seed)
        var report = Report()
        for station in stations {
            try await door.connected(station, connection: desk.ids.new(at: desk.clock.now), version: "1.6")
        }
        for number in 0..<visits {
            let story = Story.random(number, &chance)
            let outcome = try await play(story, &chance)
            report.outcomes[outcome, default: 0] += 1
        }
        try await settleEverything()
        try await check(&report)
        return report
    }

    private func play(_ story: Story, _ chance: inout SeededGenerator) async throws -> String {
        let place = story.isGuest ? 0 : 1
        let visit = StationVisitor(door: door, desk: desk, station: stations[place], story: story)
        guard story.isGuest else {
            try await visit.charge(token: seeded.card, chance: &chance)
            try await pass(.minutes(30))
            return "card"
        }
        let (checkout, quote) = try await OpenCheckout(desk: desk)(
            OpenCheckout.Wish(evseCode: seeded.stations[place].code))
        let payment = try await RequestHold(desk: desk)(
            checkout.id, accepting: quote.hash, clientKey: "form-\(story.number)")
        try await pass(.seconds(1))
        try await sandbox.choose(story.instrument, for: payment.id.text)
        try await pass(.seconds(1))
        if let token = try await visit.startCommand(accepting: !story.refusesStart) {
            try await visit.charge(token: token, chance: &chance)
        }
        try await pass(.minutes(30))
        if givesBack, chance.next() % 3 == 0 { try await giveBack(payment.id, &chance) }
        let after = try await desk.store.read { tx in try Visit(checkout, in: tx) }
        return after?.status ?? "lost"
    }

    /// The operator gives part of it back, or all of it in two parts.
    private func giveBack(_ id: PaymentID, _ chance: inout SeededGenerator) async throws {
        guard let payment = try await desk.store.read({ tx in try tx.find(PaymentRecord.self, id) }),
            payment.capturedAt != nil, payment.capturedMinor > 1
        else { return }
        let part = 1 + Int64(chance.next() % UInt64(payment.capturedMinor - 1))
        let parts = chance.next() % 2 == 0 ? [part] : [part, payment.capturedMinor - part]
        let author = Author(organisation: payment.organisation, name: "simulated operator")
        for part in parts {
            _ = try await RefundPayment(desk: desk)(
                Money(minorUnits: part, currency: payment.currency), of: id, because: "goodwill", by: author)
        }
        try await pass(.minutes(30))
    }

    /// Lets time pass in steps, with every worker looking at each.
    private func pass(_ time: Elapsed) async throws {
        let steps: [Elapsed] = [.zero, .seconds(6), .seconds(60), time]
        for step in steps where step <= time {
            desk.clock.advance(by: step)
            var rounds = 0
            while try await workers.round() > 0, rounds < 50 { rounds += 1 }
        }
    }

    /// Long enough for every look-up, retry and deadline to have come.
    private func settleEverything() async throws {
        for _ in 0..<12 { try await pass(.hours(3)) }
    }

    private func check(_ report: inout Report) async throws {
        for finding in try await Invariants(desk: desk)() where !finding.offenders.isEmpty {
            report.broken.append(
                "\(finding.id): \(finding.rule) \(finding.offenders.joined(separator: ", "))")
        }
        let (here, there) = try await desk.store.read { tx in
            let organisations = try tx.organisations().map(\.id)
            let clearing = try organisations.flatMap { try tx.trialBalance(of: $0).accounts }
                .filter { $0.account.hasPrefix("Assets:Clearing") }.reduce(0) { $0 + $1.posted.minorUnits }
            let accounts = try organisations.flatMap { try tx.gatewayAccounts(of: $0) }
            let books = StoredSandboxBooks(tx)
            let balance = try accounts.reduce(0) { try $0 + Sandbox.balance(of: $1.id.text, in: books) }
            return (clearing, balance)
        }
        report.keptHere = here
        report.keptThere = there
        if here != there {
            report.broken.append("I10: our clearing is \(here), the Sandbox's balance is \(there)")
        }
    }
}

/// What one driver and one station do.
struct Story: Sendable, Hashable {
    let number: Int
    let isGuest: Bool
    let instrument: String
    let energy: Energy
    let minutes: Int64
    /// The charger says no to the remote start.
    let refusesStart: Bool
    /// Percent of messages that are sent twice.
    let repeats: UInt64
    /// The readings arrive after the stop, as a station does that was offline.
    let isLate: Bool

    static func random(_ number: Int, _ chance: inout SeededGenerator) -> Story {
        let names = Sandbox.instruments.flatMap(\.names).map(\.name)
        return Story(
            number: number, isGuest: chance.next() % 4 != 0,
            instrument: names[Int(chance.next() % UInt64(names.count))],
            energy: Energy(wattHours: Int64(chance.next() % 20_000)), minutes: Int64(10 + chance.next() % 50),
            refusesStart: chance.next() % 10 == 0, repeats: chance.next() % 60, isLate: chance.next() % 5 == 0
        )
    }
}
