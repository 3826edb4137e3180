// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Tariffs

extension VisitScreen {
    /// The page of a visit as its rows are at this moment.
    init(_ found: FoundVisit, _ shown: Shown, at now: Instant) throws {
        let visit = found.visit
        self.init(
            place: PointPlace(visit.place), secret: visit.checkout.secret,
            state: try State(found, shown, at: now),
            // Two taps on one page are one payment; a new page after a decline is a new one.
            formToken: "form-\(visit.bill.version)", now: now)
    }
}

extension VisitScreen.State {
    fileprivate init(_ found: FoundVisit, _ shown: Shown, at now: Instant) throws {
        let visit = found.visit
        switch visit.status {
        case "quoted": self = .quoted(try VisitScreen.Quoted(visit, shown))
        case "funding": self = .funding(gateway: visit.payment?.nextAction)
        case "funded", "starting": self = .starting(VisitScreen.Starting(found))
        case "start_failed":
            let retryUntil = visit.checkout.startFailedAt.map {
                $0 + visit.place.organisation.policy.retryWindow
            }
            self = .startFailed(hold: visit.hold, retryUntil: retryUntil)
        case "running":
            guard let session = visit.session else {
                self = .starting(VisitScreen.Starting(found))
                return
            }
            self = try Self.running(session, visit, shown, at: now)
        case "in_review":
            // The hold is kept until a day before the bank would drop it (decided.md).
            self = .inReview(hold: visit.hold, until: visit.payment?.captureBefore.map { $0 - .hours(24) })
        case "settled", "written_off":
            self = try VisitScreen.Finished(visit).map { .finished($0) } ?? .settling
        case "nothing_charged":
            self = .nothingCharged(hold: visit.hold, releasedAt: visit.payment?.releasedAt)
        case "cancelled":
            let held = visit.payment.flatMap { $0.authorizedAt == nil ? nil : $0.hold }
            let releasedAt = visit.payment?.releasedAt
            self =
                visit.checkout.startFailedAt == nil
                ? .cancelled(hold: held, releasedAt: releasedAt)
                : .neverStarted(hold: held, releasedAt: releasedAt)
        case "in_debt": self = .inDebt(visit.openDebt)
        default: self = .settling
        }
    }

    /// Screens 4 and 5.
    private static func running(
        _ session: SessionRecord, _ visit: Visit, _ shown: Shown, at now: Instant
    ) throws -> Self {
        let tariff = try visit.tariff
        let running = RunningSession(session, visit, tariff, shown, at: now)
        switch session.folded.standstill {
        case .byStation: return .paused(running)
        case .byVehicle(let since):
            guard let (idle, startsAt) = tariff.idleFee(since: since, in: shown.zone) else {
                return .charging(running)
            }
            let fee = VisitScreen.IdleFee(
                startsAt: startsAt,
                price: UnitPrice(idle.price, idle.currency, per: idle.per.rawValue), cap: idle.cap)
            return .idle(running, fee)
        case nil: return .charging(running)
        }
    }
}

extension Visit {
    /// What is reserved, or was promised to be.
    fileprivate var hold: Money { payment?.hold ?? quote.hold }
}

extension VisitScreen.Quoted {
    fileprivate init(_ visit: Visit, _ shown: Shown) throws {
        self.init(
            prices: PriceBox(
                try visit.tariff, at: visit.checkout.createdAt, in: shown.zone,
                upTo: visit.place.evse.powerMax),
            hold: visit.quote.hold, quoteHash: visit.quote.hash)
        guard let payment = visit.payment else { return }
        problem = .abandoned
        if let decline = payment.decline, decline.code != "cancelled" {
            problem = .declined(decline.sentence(in: shown.words))
        }
    }
}

extension VisitScreen.Starting {
    fileprivate init(_ found: FoundVisit) {
        let visit = found.visit
        let start = found.commands.last { $0.kind == "start" }
        self.init(
            hold: visit.payment?.hold ?? visit.quote.hold,
            isAsked: start.map { ["sent", "accepted", "unknown", "done"].contains($0.status) } ?? false,
            isPluggedIn: [.occupied, .charging].contains(visit.place.evse.status), deadline: start?.deadline)
    }
}

extension RunningSession {
    /// How long a charger may take to stop before it can be asked again.
    private static let stopPatience = Elapsed.seconds(30)

    fileprivate init(
        _ session: SessionRecord, _ visit: Visit, _ tariff: Tariff, _ shown: Shown, at now: Instant
    ) {
        self.init(
            startedAt: session.startedAt, energy: session.energy,
            cost: session.live?.cost ?? .zero(visit.quote.currency),
            hold: visit.payment?.hold ?? visit.quote.hold, valuesAt: session.lastFactAt)
        power = session.folded.power
        price = session.live.flatMap { UnitPrice($0) }
        stopsAt = session.live?.stopsAt ?? visit.quote.stopsAt
        energyLimit = visit.checkout.limits?.energy
        durationLimit = visit.checkout.limits?.duration
        stopNote = StopNote(session, visit)
        nextPrice = NextPrice(after: now, tariff, in: shown.zone)
        isStopping = session.stopAskedAt.map { now - $0 < Self.stopPatience } ?? false
        let station = visit.place.station
        if station.connectedAt == nil { offlineSince = station.lastSeenAt ?? session.lastFactAt }
        chart = PowerChart(session)
    }
}

extension RunningSession.NextPrice {
    /// When the price of energy changes by the clock, and to what.
    fileprivate init?(after now: Instant, _ tariff: Tariff, in zone: ZoneRules) {
        guard let at = tariff.nextPriceChange(after: now, in: zone) else { return nil }
        let then = tariff.displayPrices(at: at, in: zone).first { $0.kind == .energy }
        let before = tariff.displayPrices(at: now, in: zone).first { $0.kind == .energy }
        guard let then, then.price != before?.price else { return nil }
        self.init(at: at, price: UnitPrice(then.price, then.currency, per: then.per.rawValue))
    }
}

extension UnitPrice {
    /// What is priced at this moment. Prices per hour are shown per minute where that comes out even.
    init?(_ live: LiveBill) {
        guard let price = live.phasePrice, let unit = live.phaseUnit else { return nil }
        let currency = live.cost.currency
        // 6.00 €/h is 0.10 €/min; 1.00 €/h stays as it is.
        if unit == "h", let rate = Rate(decimal: price), rate.billionths.isMultiple(of: 60) {
            self.init(fixedPointText(Int128(rate.billionths / 60), scale: 9), currency, per: "min")
        } else {
            self.init(price, currency, per: unit == "session" ? "" : unit)
        }
    }
}

extension PowerChart {
    /// What the meter told of a session.
    init(_ session: SessionRecord) {
        let start = session.folded.startRegister ?? .zero
        self.init(
            points: session.folded.registers.compactMap { point in
                point.power.map { Point(at: point.at, power: $0, energy: point.register - start) }
            })
    }
}

extension VisitScreen.Finished {
    /// Nil before the bill is priced.
    fileprivate init?(_ visit: Visit) throws {
        guard let rated = try visit.bill.ratedBill, let session = visit.session else { return nil }
        let captured = visit.payment?.captured ?? rated.gross
        let reserved = visit.payment?.hold ?? captured
        self.init(
            total: rated.gross, energy: session.energy, startedAt: session.startedAt,
            endedAt: session.endedAt ?? session.startedAt, reserved: reserved, captured: captured,
            // What was taken whole leaves nothing to release.
            releasedAt: captured < reserved
                ? visit.payment?.releasedAt : visit.payment?.capturedAt ?? visit.bill.settledAt,
            breakdown: Breakdown(rated), hasReceipt: visit.receipt != nil)
        stopNote = StopNote(session, visit)
    }
}

extension StopNote {
    /// Nil unless we asked the station for it, and it says nothing else of how the session ended.
    fileprivate init?(_ session: SessionRecord, _ visit: Visit) {
        guard ["Remote", nil].contains(session.folded.stopReason) else { return nil }
        switch (session.stopCause, visit.checkout.limits) {
        case (.costLimit, _): self = .cost(reserved: visit.payment?.hold ?? visit.quote.hold)
        case (.energyLimit, let limits):
            guard let energy = limits?.energy else { return nil }
            self = .energy(energy)
        case (.durationLimit, let limits):
            guard let duration = limits?.duration else { return nil }
            self = .duration(duration)
        default: return nil
        }
    }
}

extension Breakdown {
    /// What the rater found, line by line.
    init(_ rated: Rated) {
        self.init(
            lines: rated.lines.map {
                Line(kind: $0.kind.shown, arithmetic: $0.arithmetic, why: $0.why, amount: $0.amount)
            },
            taxes: rated.taxes.compactMap { tax in tax.rate.map { Tax(rate: $0, amount: tax.amount) } },
            isTaxIncluded: rated.lineBasis == .afterTax, total: rated.gross)
    }
}

extension PriceScreen {
    /// How the price of a visit comes about: as billed, or as if it ended now.
    init(_ visit: Visit, _ shown: Shown, with desk: Desk) throws {
        let rated =
            try visit.bill.ratedBill
            ?? visit.session.flatMap {
                try RateSession(zones: desk.zones).ifPossible(
                    $0.folded, under: visit.quote, asOf: desk.clock.now)
            }
        self.init(
            place: PointPlace(visit.place), secret: visit.checkout.secret,
            breakdown: rated.map { Breakdown($0) },
            prices: PriceBox(try visit.tariff, at: visit.checkout.createdAt, in: shown.zone),
            roundingPolicy: rated?.roundingPolicy ?? RatingPolicy.lineHalfUp1.name,
            tariff: (visit.quote.tariffName, visit.quote.tariffHash))
    }
}
