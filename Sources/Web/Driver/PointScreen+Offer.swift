// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Tariffs

extension PointScreen {
    /// Screen 1 of what is offered at an EVSE.
    init(_ offer: PreviewPrice.Offer, _ shown: Shown, with desk: Desk) {
        let (place, now) = (offer.place, desk.clock.now)
        self.init(
            place: PointPlace(place), state: PointState(place, inUseSince: offer.inUseSince),
            connectors: place.evse.connectors.map { $0.standardName }, ratedPower: place.evse.powerMax,
            prices: offer.price.map {
                PriceBox($0.tariff, at: now, in: shown.zone, upTo: place.evse.powerMax)
            },
            choices: offer.price.map { price in
                OfferChoices(
                    hold: price.hold, consentMaximum: place.consentMaximum(in: price.hold.currency),
                    takesMail: desk.settings.sendsMail)
            })
    }

    /// The other points of a site, the free ones first.
    static func neighbours(of place: Place, in tx: Tx) throws -> [Neighbour] {
        let others = try tx.stations(of: place.site.id).prefix(20).flatMap { try tx.evses(of: $0.id) }
            .filter { $0.id != place.evse.id }.prefix(20)
        let all = try others.map { evse in
            let since = try tx.openSessions(of: evse.id).first?.startedAt
            return Neighbour(
                code: evse.evseCode, state: PointState(try Place(of: evse, in: tx), inUseSince: since))
        }
        return all.filter { $0.state == .free } + all.filter { $0.state != .free }
    }
}

extension PointPlace {
    /// Where an EVSE stands.
    init(_ place: Place) {
        self.init(
            frame: PageFrame(place.organisation, at: place.site), site: place.site.name,
            address: place.site.address.oneLine, code: place.evse.evseCode)
    }
}

extension PointState {
    /// Whether somebody can charge at an EVSE.
    init(_ place: Place, inUseSince since: Instant?) {
        if let since {
            self = .inUse(since: since)
        } else {
            self.init(place.evse.status, isOnline: place.station.connectedAt != nil)
        }
    }

    /// A car that is plugged in does not keep its driver from paying.
    private init(_ status: EVSEStatus, isOnline: Bool) {
        switch status {
        case .faulted: self = .outOfOrder(nil)
        case .unavailable: self = .outOfService
        case .charging, .reserved: self = .inUse(since: nil)
        case .available, .occupied, .unknown: self = isOnline ? .free : .offline
        }
    }
}

extension PriceBox {
    /// The price of a session that starts now, in legal order, with an example from the one rater.
    init(_ tariff: Tariff, at now: Instant, in zone: ZoneRules, upTo power: Power? = nil) {
        self.init(
            prices: tariff.displayPrices(at: now, in: zone).map(Price.init), tax: Tax(tariff),
            example: power.flatMap { Example(tariff, at: now, in: zone, upTo: $0) })
    }
}

extension PriceBox.Price {
    fileprivate init(_ price: DisplayPrice) {
        let kind: PriceBox.Price.Kind =
            switch price.kind {
            case .energy: .energy
            case .time: .time
            case .idle: .idle
            case .session: .session
            }
        self.init(
            kind,
            UnitPrice(price.price, price.currency, per: price.per == .session ? "" : price.per.rawValue),
            graceSeconds: price.graceSeconds, cap: price.cap,
            condition: (price.condition ?? price.window)?.words)
    }
}

extension PriceBox.Tax {
    /// The one rate of a tariff, if it has but one.
    fileprivate init(_ tariff: Tariff) {
        let rates = Set(tariff.elements.flatMap(\.components).map(\.taxRate))
        guard rates.count == 1, let rate = rates.first.flatMap({ $0 }) else {
            self = .unstated
            return
        }
        self = tariff.taxMode == .included ? .included(rate) : .excluded(rate)
    }
}

extension PriceBox.Example {
    private static let energy = Energy(kilowattHours: 20)
    /// Nobody fills a car in no time: the shortest that the example takes.
    private static let shortest: Int64 = 20

    /// 20 kWh at the rated power, rounded up to whole minutes; nil if the tariff cannot price it.
    fileprivate init?(_ tariff: Tariff, at now: Instant, in zone: ZoneRules, upTo power: Power) {
        guard power.watts > 0 else { return nil }
        // 20 kWh at 22 kW: 20,000 Wh × 60 / 22,000 W = 54.5, that is 55 min.
        let minutes = divide(
            Int128(Self.energy.wattHours) * 60, by: Int128(power.watts), rounding: .up)
        let duration = Elapsed.minutes(max(Self.shortest, Int64(minutes)))
        let usage = Usage(intervals: [
            Usage.Interval(from: now, to: now + duration, .charging, energy: Self.energy)
        ])
        // Without a price for the example the page shows the prices alone.
        guard let rated = try? Rater().rate(usage, under: tariff, in: zone) else { return nil }
        self.init(energy: Self.energy, duration: duration, total: rated.gross)
    }
}

extension ConnectorType {
    /// What drivers call the plug.
    var standardName: String {
        switch standard {
        case "IEC_62196_T2_COMBO": "CCS"
        case "IEC_62196_T2": "Type 2"
        case "CHADEMO": "CHAdeMO"
        default: standard
        }
    }
}
