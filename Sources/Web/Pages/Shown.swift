// SPDX-License-Identifier: Apache-2.0

package import Quantities
package import Tariffs

/// How amounts, energy and times look on a page: from integers, in the site's zone and the reader's language.
package struct Shown: Sendable {
    /// The clocks of the place.
    package let zone: ZoneRules
    /// What the reader reads.
    package let language: Language

    /// Texts of the language.
    package var words: Words { Words(language) }

    /// The looks of a place in a language.
    package init(zone: ZoneRules, language: Language = .english) {
        self.zone = zone
        self.language = language
    }

    // MARK: amounts

    /// `4.90 €`, `£12.00`, `$12.00`, `500 JPY`; German: `4,90 €`, `12,00 £`.
    package func money(_ amount: Money) -> String {
        signed(decimal(amount.decimal), amount.currency)
    }

    /// `4.90`; German: `4,90`.
    package func amount(_ amount: Money) -> String { decimal(amount.decimal) }

    /// `0.49 €/kWh` from a decimal text; at least the currency's digits, so `0.5` is shown as `0.50`.
    ///
    /// - Parameter unit: `kWh`, `min`, or nothing for a price per session.
    package func unitPrice(_ price: String, _ currency: Currency, per unit: String) -> String {
        let sign = signed(decimal(Self.padded(price, currency)), currency)
        return unit.isEmpty ? sign : "\(sign)/\(unit)"
    }

    /// `12.340 kWh`, or `12.340` without its unit.
    package func energy(_ energy: Energy) -> String { "\(kilowattHours(energy)) kWh" }
    /// `12.340`.
    package func kilowattHours(_ energy: Energy) -> String { decimal(energy.kilowattHoursText) }

    /// `131.0 kW`, or a dash when nobody knows.
    package func power(_ power: Power?) -> String {
        guard let power else { return "–" }
        let tenths = divide(Int128(power.milliwatts), by: 100_000, rounding: .halfUp)
        let text = fixedPointText(tenths, scale: 1)
        return decimal(text.contains(".") ? text : text + ".0") + " kW"
    }

    /// `150 kW`, `7.4 kW`: a rated power, without needless digits.
    package func ratedPower(_ power: Power) -> String {
        let tenths = divide(Int128(power.milliwatts), by: 100_000, rounding: .halfUp)
        return decimal(fixedPointText(tenths, scale: 1)) + " kW"
    }

    private func decimal(_ text: String) -> String {
        language.decimalSeparator == "." ? text : text.replacing(".", with: language.decimalSeparator)
    }

    private func signed(_ number: String, _ currency: Currency) -> String {
        let sign =
            switch currency {
            case .eur: "€"
            case .gbp: "£"
            case .usd: "$"
            default: currency.code
            }
        guard language == .english, currency == .gbp || currency == .usd else { return "\(number) \(sign)" }
        return number.hasPrefix("-") ? "-\(sign)\(number.dropFirst())" : sign + number
    }

    private static func padded(_ price: String, _ currency: Currency) -> String {
        guard currency.exponent > 0 else { return price }
        let parts = price.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return parts[0] + "." + fraction
            + String(repeating: "0", count: max(0, currency.exponent - fraction.count))
    }

    // MARK: times

    /// `1 h 05 min`, `6 min`, `40 s`.
    package func duration(_ elapsed: Elapsed) -> String {
        let seconds = max(0, elapsed.seconds)
        if seconds < 60 { return "\(seconds) s" }
        let minutes = seconds / 60
        guard minutes >= 60 else { return "\(minutes) min" }
        return "\(minutes / 60) h \(pad(minutes % 60)) min"
    }

    /// `3 d`, `5 h`, `6 min`: how old something is, in its largest unit.
    package func age(_ elapsed: Elapsed) -> String {
        let minutes = max(0, elapsed.seconds) / 60
        if minutes >= 2 * 24 * 60 { return "\(minutes / (24 * 60)) d" }
        return minutes >= 120 ? "\(minutes / 60) h" : "\(minutes) min"
    }

    /// `4:12`: what is left, as minutes and seconds.
    package func countdown(_ elapsed: Elapsed) -> String {
        let seconds = max(0, elapsed.seconds)
        return "\(seconds / 60):\(pad(seconds % 60))"
    }

    /// `14:03`.
    package func clock(_ instant: Instant) -> String {
        let second = zone.local(instant).secondOfDay
        return "\(pad(second / 3600)):\(pad(second / 60 % 60))"
    }

    /// `14:03:22`.
    package func clockWithSeconds(_ instant: Instant) -> String {
        "\(clock(instant)):\(pad(zone.local(instant).secondOfDay % 60))"
    }

    /// `2027-03-01 14:03`: the same in every language.
    package func dateAndClock(_ instant: Instant) -> String {
        "\(zone.local(instant).date) \(clock(instant))"
    }

    /// `2027-03-01 14:03:22`.
    package func dateAndClockWithSeconds(_ instant: Instant) -> String {
        "\(zone.local(instant).date) \(clockWithSeconds(instant))"
    }

    /// When a day begins at the place.
    func midnight(of date: CivilDate) -> Instant {
        let guess = Instant(date) - .seconds(zone.offsetSeconds(at: Instant(date)))
        // On the day the clocks change the first guess may be an hour off.
        return Instant(date) - .seconds(zone.offsetSeconds(at: guess))
    }

    /// `Europe/Berlin (UTC+01:00)`.
    package func zoneName(at instant: Instant) -> String {
        let minutes = zone.offsetSeconds(at: instant) / 60
        let offset = "UTC\(minutes < 0 ? "-" : "+")\(pad(abs(minutes) / 60)):\(pad(abs(minutes) % 60))"
        return zone.name.map { "\($0) (\(offset))" } ?? offset
    }

    private func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    // MARK: names

    /// What a line of a bill is called.
    package func lineName(_ kind: String) -> String {
        switch kind {
        case "energy": words(.lineEnergy)
        case "time": words(.lineTime)
        case "idle", "parking": words(.lineIdle)
        case "session", "flat": words(.lineSession)
        case "reservation", "reservation_flat": words(.lineReservation)
        case "min_price": words(.lineMinPrice)
        case "max_price": words(.lineMaxPrice)
        case "component_cap": words(.lineComponentCap)
        case "component_floor": words(.lineComponentFloor)
        case "discount": words(.lineDiscount)
        case "roaming": words(.lineRoaming)
        default: kind
        }
    }
}
