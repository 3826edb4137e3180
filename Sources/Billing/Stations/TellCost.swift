// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Lets a station show what its session costs: while it runs at most once a minute and when another price begins, at the
/// end once, and again if the final bill is another (charging.md §11; C77, C78).
struct TellCost {
    let desk: Desk

    /// How long a station that runs is left alone between two notices.
    static let pause = Elapsed.minutes(1)
    /// The setting by which a 1.6 station says that it understands the cost messages.
    static let setting16 = "CustomDisplayCostAndPrice"
    /// Our own note of a 2.x station that refused one.
    static let setting2 = "CostUpdated"

    /// While it runs. The bill remembers what was told.
    func running(_ live: inout LiveBill, of session: SessionRecord, in tx: Tx, at now: Instant) throws {
        let isNews = live.toldPhase != live.phaseKind || now - (live.toldAt ?? .epoch) >= Self.pause
        guard isNews, let station = try tx.find(StationRecord.self, session.station), station.showsCost else {
            return
        }
        live.toldAt = now
        live.toldPhase = live.phaseKind
        try send(notice(.running, live, session, in: tx), about: session, at: station, in: tx, now: now)
    }

    /// After the stop; 2.x stations have it in the answer to their last message. Of a stop that was told late nobody looks at
    /// the display any more (C47).
    func ended(_ live: inout LiveBill, of session: SessionRecord, in tx: Tx, at now: Instant) throws {
        guard let station = try tx.find(StationRecord.self, session.station), station.showsCost,
            station.ocppVersion == "1.6", live.toldFinal != live.cost, !session.endedBefore(station)
        else { return }
        live.toldFinal = live.cost
        try send(notice(.final, live, session, in: tx), about: session, at: station, in: tx, now: now)
    }

    private func notice(
        _ moment: CostNotice.Moment, _ live: LiveBill, _ session: SessionRecord, in tx: Tx
    ) throws -> CostNotice {
        let isIdle = live.phaseKind == "idle"
        let checkout = try session.checkout.flatMap { try tx.find(CheckoutRecord.self, $0) }
        return CostNotice(
            moment, number: session.number, name: session.name, cost: live.cost.decimal, at: live.ratedAt,
            register: session.folded.endRegister, isIdle: isIdle,
            energyPrice: live.phaseKind == "energy" ? live.phasePrice : nil,
            idlePrice: isIdle ? live.phasePrice : nil, text: "\(live.cost)",
            receiptURL: checkout.map { "\(desk.settings.publicURL)/s/\($0.secret)" })
    }

    private func send(
        _ notice: CostNotice, about session: SessionRecord, at station: StationRecord, in tx: Tx, now: Instant
    ) throws {
        guard station.ocppVersion == "1.6" || notice.name != nil else { return }
        try SendCommand(desk: desk)(
            .tell(notice), about: SendCommand.Subject(station: station, session: session.id), in: tx, at: now)
    }
}

extension StationRecord {
    /// Whether cost messages are worth sending: a 1.6 station must say so, one of 2.x must not have refused.
    fileprivate var showsCost: Bool {
        guard ocppVersion == "1.6" else { return configuration?[TellCost.setting2] != "false" }
        return configuration?[TellCost.setting16]?.lowercased() == "true"
    }

    /// Remembers until its next boot that it did not understand.
    mutating func refuseCosts() {
        let setting = ocppVersion == "1.6" ? TellCost.setting16 : TellCost.setting2
        configuration = (configuration ?? [:]).merging([setting: "false"]) { $1 }
    }
}
