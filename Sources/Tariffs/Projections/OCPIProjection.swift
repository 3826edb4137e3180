// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

/// A tariff in the words of another protocol, and everything that these words cannot say.
public struct Projected: Hashable, Sendable {
    /// The object.
    package let document: JSON
    /// What was lost or changed, each with its place in our tariff; all have the code `lossy_projection`.
    public let notes: [Note]

    /// The object as bytes, keys sorted.
    public var json: [UInt8] { document.serialized() }
}

/// Writes tariffs as OCPI Tariff objects (tariffs.md §7). Never fails: what OCPI cannot say is a note.
public struct OCPIProjection: Hashable, Sendable {
    /// The version of OCPI.
    public enum Version: String, Hashable, Sendable, CaseIterable {
        /// Prices are net, limits are `excl_vat` and `incl_vat`.
        case v221 = "2.2.1"
        /// Prices are net or gross as `tax_included` says.
        case v230 = "2.3.0"
    }

    /// The version that the partner speaks.
    public var version: Version
    /// The clocks of the place, for schedules of absolute instants; without them a schedule is lost.
    public var zone: ZoneRules?
    /// The kind of current of the connector that gets this tariff; OCPI has one tariff per connector.
    public var evseKind: RatingContext.EVSEKind?

    /// A projection to a version.
    public init(
        to version: Version, zone: ZoneRules? = nil, evseKind: RatingContext.EVSEKind? = nil
    ) {
        self.version = version
        self.zone = zone
        self.evseKind = evseKind
    }

    /// A schedule becomes at most so many elements and a few more; a fortnight of quarters of an hour fits.
    static let mostWindows = 1500

    /// OCPI's class `number` has four decimals; ours have nine.
    static let fourDecimals: Int64 = 100_000

    /// The tariff in OCPI's words.
    public func project(_ tariff: Tariff) -> Projected {
        var writer = OCPIWriter(projection: self, tariff: tariff)
        let document = writer.document()
        writer.noteDifference(of: document)
        return Projected(document: document, notes: writer.notes)
    }
}

extension [Note] {
    /// Something that the other protocol cannot say.
    mutating func lose(at path: String, _ message: String) { note(.lossyProjection, at: path, message) }
}

/// Writes one tariff and keeps what was lost.
private struct OCPIWriter {
    let projection: OCPIProjection
    let tariff: Tariff
    var notes: [Note] = []

    private var isOld: Bool { projection.version == .v221 }
    /// Whether gross prices have to become net ones.
    private var dividesTax: Bool { isOld && tariff.taxMode == .included }

    init(projection: OCPIProjection, tariff: Tariff) {
        self.projection = projection
        self.tariff = tariff
    }

    mutating func document() -> JSON {
        let particulars = tariff.particulars
        loseIfAbsent(particulars.countryCode, "country_code")
        loseIfAbsent(particulars.partyID, "party_id")
        loseIfAbsent(particulars.lastUpdated, "last_updated")
        loseRules()
        var elements: [JSON] = []
        for (index, element) in tariff.elements.enumerated() {
            elements += self.elements(of: element, at: "/elements/\(index)")
        }
        if elements.isEmpty { notes.lose(at: "/elements", "Nothing is left that OCPI can say.") }
        return .present([
            "country_code": particulars.countryCode.map(JSON.string),
            "party_id": particulars.partyID.map(JSON.string), "id": .string(tariff.id),
            "currency": .string(tariff.currency.code),
            "type": particulars.kind.map { .string($0.rawValue) },
            "tariff_alt_text": particulars.texts.isEmpty
                ? nil
                : .array(
                    particulars.texts.map { ["language": .string($0.language), "text": .string($0.text)] }),
            "tariff_alt_url": particulars.url.map(JSON.string),
            "min_price": limit(tariff.minimum, "min_price"), "max_price": limit(tariff.maximum, "max_price"),
            "preauthorize_amount": isOld ? nil : particulars.preauthorization.map { .number($0.decimal) },
            "tax_included": isOld ? nil : .string(tariff.taxMode.rawValue), "elements": .array(elements),
            "start_date_time": tariff.validFrom.map { .string($0.shortISO8601) },
            "end_date_time": tariff.validUntil.map { .string($0.shortISO8601) },
            "energy_mix": particulars.energyMix,
            "last_updated": particulars.lastUpdated.map { .string($0.shortISO8601) },
        ])
    }

    private mutating func loseIfAbsent(_ value: Any?, _ key: String) {
        if value == nil { notes.lose(at: "/" + key, "OCPI requires \(key), and the tariff has none.") }
    }

    private mutating func limit(_ limit: Tariff.Limit?, _ key: String) -> JSON? {
        guard let limit else { return nil }
        let net = number(limit.net, at: "/\(key)/before_taxes")
        let gross = limit.gross.map { number($0, at: "/\(key)/after_taxes") }
        return isOld
            ? .present(["excl_vat": net, "incl_vat": gross])
            : .present(["before_taxes": net, "after_taxes": gross])
    }

    /// A price with four decimals.
    private mutating func number(_ rate: Rate, at path: String) -> JSON {
        let quotient = divide(
            Int128(rate.billionths), by: Int128(OCPIProjection.fourDecimals), rounding: .halfUp)
        let rounded = Rate(billionths: Int64(quotient) * OCPIProjection.fourDecimals)
        if rounded != rate { notes.lose(at: path, "\(rate.decimal) was rounded to \(rounded.decimal).") }
        return .number(rounded.decimal)
    }

    private mutating func loseRules() {
        let rules = tariff.rules
        if rules.ruleSet == .ocpp {
            notes.lose(at: "/rules/rule_set", "OCPI's own rules of fees and steps apply.")
        }
        if rules.waiver != nil { notes.lose(at: "/rules/waive_below", "OCPI waives no trivial session.") }
        if rules.percentageFee != nil {
            notes.lose(at: "/rules/percentage_fee", "OCPI has no fee in percent.")
        }
        for index in rules.counters.indices {
            notes.lose(at: "/rules/counters/\(index)", "OCPI knows no count over several sessions.")
        }
        if rules.chargesFlatOnChange {
            notes.lose(at: "/rules/flat_on_change", "OCPI does not say what a change of tariff charges.")
        }
    }
}

extension OCPIWriter {
    /// An element, and before it those that stand for a free quantity or a schedule.
    private mutating func elements(of element: TariffElement, at path: String) -> [JSON] {
        guard let restriction = restriction(element.restriction, at: path + "/restrictions") else {
            return []
        }
        var before: [JSON] = []
        var components: [JSON] = []
        for (index, component) in element.components.enumerated() {
            let place = "\(path)/price_components/\(index)"
            before += free(component, of: element, at: place)
            before += scheduled(component, under: element.restriction, at: place)
            loseExtensions(of: component, at: place)
            components.append(self.component(component, component.price, at: place))
        }
        let isEmpty = restriction.object?.isEmpty == true
        let own = JSON.present([
            "price_components": .array(components),
            "restrictions": element.restriction == nil || isEmpty ? nil : restriction,
        ])
        return before + [own]
    }

    private mutating func component(_ component: PriceComponent, _ price: Rate, at path: String) -> JSON {
        var price = price
        if dividesTax, let rate = component.taxRate {
            let factor = Int128(TaxRate.denominator + rate.tenThousandthsOfPercent)
            let net = divide(
                Int128(price.billionths) * Int128(TaxRate.denominator), by: factor, rounding: .halfUp)
            price = Rate(billionths: Int64(net))
        }
        if component.stepSize == nil, component.dimension != .flat {
            notes.lose(at: path + "/step_size", "Quantities are exact here; OCPI's finest step is 1.")
        }
        let isTaxed = tariff.taxMode != .none
        return .present([
            "type": .string(component.dimension.rawValue), "price": number(price, at: path + "/price"),
            "vat": isTaxed ? component.taxRate.map { .number($0.percentText) } : nil,
            "step_size": JSON(component.stepSize ?? 1),
        ])
    }

    private mutating func loseExtensions(of component: PriceComponent, at path: String) {
        if component.graceSeconds ?? 0 > 0 {
            notes.lose(at: path + "/grace_s", "OCPI prices idle time from its first second.")
        }
        if component.cap != nil { notes.lose(at: path + "/cap", "OCPI has no cap of one component.") }
        if component.floor != nil { notes.lose(at: path + "/floor", "OCPI has no floor of one component.") }
        if case .index = component.source {
            notes.lose(
                at: path + "/index", "The values of the index are not known yet; the plain price is sent.")
        }
        if !component.discounts.isEmpty {
            notes.lose(at: path + "/discounts", "Publish a tariff of its own for each partner (ocpi#433).")
        }
        if !component.furtherTaxes.isEmpty {
            notes.lose(at: path + "/further_taxes", "OCPI has one rate of tax per component.")
        }
    }

    /// A free quantity is an element with the price 0 before this one, where that has the same effect: energy that
    /// nothing else prices.
    private mutating func free(_ component: PriceComponent, of element: TariffElement, at path: String)
        -> [JSON]
    {
        guard let quantity = component.freeQuantity, quantity > 0 else { return [] }
        let rivals = tariff.elements.flatMap(\.components).filter { $0.dimension == component.dimension }
        let isAlone = rivals.count == 1 && (element.restriction ?? Restriction()) == Restriction()
        guard isAlone, component.dimension == .energy else {
            notes.lose(at: path + "/free_quantity", "OCPI has no free quantity of one component.")
            return []
        }
        let kilowattHours = fixedPointText(Int128(quantity), scale: 3)
        return [
            [
                "price_components": [["type": "ENERGY", "price": 0, "step_size": 1]],
                "restrictions": ["max_kwh": .number(kilowattHours)],
            ]
        ]
    }

    /// A schedule of instants as windows of local days (D26).
    private mutating func scheduled(
        _ component: PriceComponent, under restriction: Restriction?, at path: String
    ) -> [JSON] {
        guard case .schedule(let prices) = component.source else { return [] }
        guard let zone = projection.zone, restriction?.readsLocalTime != true else {
            notes.lose(at: path + "/schedule", "Without the zone of the place the schedule cannot be sent.")
            return []
        }
        var elements: [JSON] = []
        for (index, timed) in prices.enumerated() {
            guard elements.count < OCPIProjection.mostWindows else {
                notes.lose(
                    at: "\(path)/schedule/\(index)",
                    "The schedule has too many windows; the rest is not sent.")
                break
            }
            guard index + 1 < prices.count else {
                notes.lose(at: "\(path)/schedule/\(index)", "The last price has no end; it is not sent.")
                break
            }
            let (windows, isAmbiguous) = zone.windows(from: timed.from, to: prices[index + 1].from)
            if isAmbiguous {
                notes.lose(
                    at: "\(path)/schedule/\(index)",
                    "The clocks change here: OCPI's local times say this hour twice or not at all (D26).")
            }
            for window in windows {
                var bounds = restriction ?? Restriction()
                (bounds.startDate, bounds.endDate) = (window.date, window.date.next)
                (bounds.startTime, bounds.endTime) = (window.start, window.end)
                guard let restriction = self.restriction(bounds, at: path + "/schedule") else { continue }
                elements.append([
                    "price_components": [
                        self.component(component, timed.price, at: "\(path)/schedule/\(index)")
                    ], "restrictions": restriction,
                ])
            }
        }
        return elements
    }

    /// The conditions; nil if one of them is ours alone, for without it the element would apply too often.
    private mutating func restriction(_ restriction: Restriction?, at path: String) -> JSON? {
        guard let restriction else { return .object([]) }
        let foreign = restriction.withoutExtensions
        if let kind = restriction.evseKind, kind != projection.evseKind {
            guard projection.evseKind == nil else { return nil }
            notes.lose(at: path + "/evse_kind", "OCPI has one tariff per connector; the element is left out.")
            return nil
        }
        var known = restriction
        known.evseKind = nil
        guard known == foreign else {
            notes.lose(at: path, "OCPI cannot say these conditions, so the element is left out.")
            return nil
        }
        func number(_ millionths: Int64?) -> JSON? {
            millionths.map { .number(fixedPointText(Int128($0), scale: 6)) }
        }
        return .present([
            "start_time": foreign.startTime.map { .string($0.description) },
            "end_time": foreign.endTime.map { .string($0.description) },
            "start_date": foreign.startDate.map { .string($0.description) },
            "end_date": foreign.endDate.map { .string($0.description) },
            "min_kwh": number(foreign.minEnergy?.milliwattHours),
            "max_kwh": number(foreign.maxEnergy?.milliwattHours),
            "min_current": number(foreign.minCurrent?.microamperes),
            "max_current": number(foreign.maxCurrent?.microamperes),
            "min_power": number(foreign.minPower?.milliwatts),
            "max_power": number(foreign.maxPower?.milliwatts),
            "min_duration": foreign.minDurationSeconds.map { JSON($0) },
            "max_duration": foreign.maxDurationSeconds.map { JSON($0) },
            "day_of_week": foreign.weekdays.map { .array($0.map { .string($0.rawValue) }) },
            "reservation": foreign.reservation.map { .string($0.rawValue) },
        ])
    }

    /// Gross prices that became net ones are seldom exact: what that changes for a usual session.
    mutating func noteDifference(of document: JSON) {
        guard dividesTax else { return }
        let zone = projection.zone ?? .utc
        // A tariff that cannot price the usual session has no difference that could be told.
        guard let (projected, _) = try? Tariff.decode(ocpi: document),
            // The same.
            let ours = try? Rater().rate(.typical, under: tariff, in: zone),
            // The same.
            let theirs = try? Rater().rate(.typical, under: projected, in: zone)
        else { return }
        notes.lose(
            at: "/tax_included",
            "Prices were made net: 30 kWh in 40 min with 20 min of idle time cost \(ours.exact.afterTax.decimal) here "
                + "and \(theirs.exact.afterTax.decimal) there.")
    }
}

extension Usage {
    /// 30 kWh in 40 minutes at noon of a Wednesday, then 20 minutes of idle time.
    fileprivate static let typical: Usage = {
        let start = Instant(seconds: 1_772_625_600)
        let full = start + .minutes(40)
        return Usage(intervals: [
            Usage.Interval(from: start, to: full, .charging, energy: Energy(kilowattHours: 30)),
            Usage.Interval(from: full, to: full + .minutes(20), .parking),
        ])
    }()
}

extension Restriction {
    /// The same without the operator's extensions.
    fileprivate var withoutExtensions: Restriction {
        var plain = Restriction()
        (plain.startTime, plain.endTime) = (startTime, endTime)
        (plain.startDate, plain.endDate) = (startDate, endDate)
        (plain.minEnergy, plain.maxEnergy) = (minEnergy, maxEnergy)
        (plain.minCurrent, plain.maxCurrent) = (minCurrent, maxCurrent)
        (plain.minPower, plain.maxPower) = (minPower, maxPower)
        (plain.minDurationSeconds, plain.maxDurationSeconds) = (minDurationSeconds, maxDurationSeconds)
        (plain.weekdays, plain.reservation) = (weekdays, reservation)
        return plain
    }
}

extension CivilDate {
    /// The day after.
    fileprivate var next: CivilDate { CivilDate(daysSinceEpoch: daysSinceEpoch + 1) }
}

extension ZoneRules {
    /// One local day's part of a stretch of time.
    fileprivate struct Window {
        let date: CivilDate
        let start: ClockTime
        /// 00:00 is the end of the day.
        let end: ClockTime
    }

    /// The local windows of a stretch, cut at midnights; and whether the clocks change in or beside it, so that the
    /// windows say more or less than the stretch. Seconds are cut off. At most 400 days.
    fileprivate func windows(from: Instant, to: Instant) -> (windows: [Window], isAmbiguous: Bool) {
        var windows: [Window] = []
        let (first, last) = (local(from), local(to))
        let lastDay = min(last.date.daysSinceEpoch, first.date.daysSinceEpoch + 400)
        for day in first.date.daysSinceEpoch...max(first.date.daysSinceEpoch, lastDay) {
            let start = day == first.date.daysSinceEpoch ? Int(first.secondOfDay / 60) : 0
            let end = day == lastDay ? Int(last.secondOfDay / 60) : 1440
            guard start < end, let from = ClockTime(hour: start / 60, minute: start % 60),
                let to = ClockTime(hour: end / 60 % 24, minute: end % 60)
            else { continue }
            windows.append(Window(date: CivilDate(daysSinceEpoch: day), start: from, end: to))
        }
        // An hour on either side; at the ends of time there is none.
        let hour: Int64 = 3_600_000_000_000
        let before = Instant(nanoseconds: max(from.nanoseconds, .min + hour) - hour)
        let after = Instant(nanoseconds: min(to.nanoseconds, .max - hour) + hour)
        return (windows, offsetSeconds(at: before) != offsetSeconds(at: after))
    }
}
