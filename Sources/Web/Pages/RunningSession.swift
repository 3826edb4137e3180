// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

/// A running session as the driver sees it. Values are the charger's, never estimated.
package struct RunningSession: Hashable, Sendable {
    /// When it began.
    package var startedAt: Instant
    /// What was charged so far.
    package var energy: Energy
    /// What it costs so far, by the calculation of the bill.
    package var cost: Money
    /// The power now, if the charger tells.
    package var power: Power?
    /// The price that applies now.
    package var price: UnitPrice?
    /// The price that applies next, and from when.
    package var nextPrice: NextPrice?
    /// What is reserved.
    package var hold: Money
    /// At which cost the session is stopped.
    package var stopsAt: Money?
    /// Whether the driver can raise that.
    package var canRaiseLimit: Bool
    /// At how much energy it is stopped, as the driver wished.
    package var energyLimit: Energy?
    /// After which time it is stopped, as the driver wished.
    package var durationLimit: Elapsed?
    /// Why it is being stopped, where the driver agreed to that before.
    package var stopNote: StopNote?
    /// When the values were measured or arrived.
    package var valuesAt: Instant
    /// Since when the charger is offline; nil if it is not.
    package var offlineSince: Instant?
    /// Whether the charger was asked to stop.
    package var isStopping: Bool
    /// Power over time.
    package var chart: PowerChart

    /// A price and from when it applies.
    package struct NextPrice: Hashable, Sendable {
        /// From when.
        package var at: Instant
        /// What then applies.
        package var price: UnitPrice

        /// A price and from when it applies.
        package init(at: Instant, price: UnitPrice) {
            self.at = at
            self.price = price
        }
    }

    /// A running session: the values every session has; the others are set afterwards.
    package init(startedAt: Instant, energy: Energy, cost: Money, hold: Money, valuesAt: Instant) {
        self.startedAt = startedAt
        self.energy = energy
        self.cost = cost
        self.hold = hold
        self.valuesAt = valuesAt
        canRaiseLimit = false
        isStopping = false
        chart = PowerChart(points: [])
    }

    /// How much of the reservation is used, 0 to 1000 thousandths.
    var usedPerMille: Int64 { Self.perMille(cost, of: hold) }

    /// Whether four fifths of what may be spent are spent.
    var isNearLimit: Bool { stopsAt.map { Self.perMille(cost, of: $0) >= 800 } ?? false }

    /// The share of one amount in another, 0 to 1000 thousandths, for drawings only.
    static func perMille(_ part: Money, of whole: Money) -> Int64 {
        guard whole.isPositive, part.isPositive else { return 0 }
        guard part < whole else { return 1000 }
        let (numerator, denominator) = (Int128(part.minorUnits), Int128(whole.minorUnits))
        return Int64(divide(numerator * 1000, by: denominator, rounding: .down))
    }
}

/// What the script of a live page puts in place, and what the page shows at first: the same texts.
package struct LiveEvent: Hashable, Sendable {
    /// Another state is another page.
    package var state: String
    /// Texts by the name in `data-live`.
    package var rendered: [String: String]
    /// How much of the reservation is used, 0 to 1000.
    package var used: Int64?
    /// How old the values are, in seconds.
    package var ageSeconds: Int64
}

extension LiveEvent {
    /// As the stream sends it.
    var json: JSON {
        let texts = rendered.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        return [
            "state": .string(state), "rendered": .object(texts), "used": used.map { JSON($0) } ?? .null,
            "age_s": JSON(ageSeconds),
        ]
    }
}

extension VisitScreen {
    /// The event of this moment. `state` changes whenever the page has other parts than before.
    package func event(_ shown: Shown) -> LiveEvent {
        guard let charging = state.charging else {
            return LiveEvent(state: liveState, rendered: [:], used: nil, ageSeconds: 0)
        }
        return LiveEvent(
            state: liveState, rendered: charging.texts(shown, now: now), used: charging.usedPerMille,
            ageSeconds: max(0, (now - charging.valuesAt).seconds))
    }

    /// The state, and which warnings the page shows.
    var liveState: String {
        var parts = [state.name]
        if let charging = state.charging {
            if charging.isNearLimit { parts.append("near") }
            if charging.offlineSince != nil { parts.append("offline") }
            if charging.isStopping { parts.append("stopping") }
            if charging.energyLimit != nil || charging.durationLimit != nil { parts.append("limits") }
            if charging.stopNote != nil { parts.append("note") }
        }
        if case .startFailed(_, let until?) = state, until <= now { parts.append("over") }
        if case .idle(_, let fee) = state, fee.startsAt <= now { parts.append("fee") }
        return parts.joined(separator: "-")
    }
}

extension VisitScreen.State {
    fileprivate var name: String {
        switch self {
        case .quoted(let quoted): quoted.problem == nil ? "quoted" : "quoted-problem"
        case .funding(let gateway): gateway == nil ? "funding" : "funding-known"
        case .starting(let starting):
            "starting" + (starting.isAsked ? "-asked" : "") + (starting.isPluggedIn ? "-plugged" : "")
        case .startFailed: "start_failed"
        case .charging: "charging"
        case .idle: "idle"
        case .paused: "paused"
        case .settling: "settling"
        case .inReview: "in_review"
        case .finished(let finished):
            "finished" + (finished.hasReceipt ? "-receipt" : "") + (finished.stopNote == nil ? "" : "-note")
        case .nothingCharged: "nothing_charged"
        case .neverStarted: "never_started"
        case .cancelled: "cancelled"
        case .inDebt: "in_debt"
        }
    }
}

extension RunningSession {
    /// Texts by the name in `data-live`.
    func texts(_ shown: Shown, now: Instant) -> [String: String] {
        let words = shown.words
        let cost = shown.money(cost)
        let sentence = words(.costSoFar, ["cost": cost])
        return [
            "cost": cost, "energy": shown.energy(energy), "power": shown.power(power),
            "duration": shown.duration(now - startedAt),
            "price": price.map { shown.unitPrice($0) } ?? "–",
            "next": nextPrice.map {
                words(.nextPrice, ["time": shown.clock($0.at), "price": shown.unitPrice($0.price)])
            } ?? "",
            "rest": shown.money(hold < self.cost ? .zero(hold.currency) : hold - self.cost),
            "sentence": sentence, "spoken": sentence, "hold": limitText(shown),
        ]
    }

    private func limitText(_ shown: Shown) -> String {
        let texts = [
            stopsAt.map {
                shown.words(.reservedAndStops, ["hold": shown.money(hold), "amount": shown.money($0)])
            },
            energyLimit.map { shown.words(.stopsAtEnergy, ["energy": shown.energy($0)]) },
            durationLimit.map { shown.words(.stopsAfter, ["duration": shown.duration($0)]) },
        ]
        return texts.compactMap { $0 }.joined(separator: " ")
    }
}
