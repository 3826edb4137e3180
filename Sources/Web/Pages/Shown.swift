// SPDX-License-Identifier: Apache-2.0

import Billing
import Quantities
import Tariffs

/// How amounts, energy and times look on pages: from integers, in the site's zone.
struct Shown: Sendable {
    let zone: ZoneRules

    /// `4.90 €`, `12.00 $`, `500 JPY`.
    static func money(_ amount: Money) -> String {
        switch amount.currency {
        case .eur: "\(amount.decimal) €"
        case .gbp: "£\(amount.decimal)"
        case .usd: "$\(amount.decimal)"
        default: amount.description
        }
    }

    /// `0.49 €/kWh` from a decimal text.
    static func unitPrice(_ price: String, _ currency: Currency, per unit: String) -> String {
        let padded = twoDigits(price, currency)
        let sign =
            currency == .eur ? "\(padded) €" : currency == .gbp ? "£\(padded)" : "\(padded) \(currency.code)"
        return unit.isEmpty ? sign : "\(sign)/\(unit)"
    }

    /// At least the currency's digits: `0.5` is shown as `0.50`.
    private static func twoDigits(_ price: String, _ currency: Currency) -> String {
        guard currency.exponent > 0 else { return price }
        let parts = price.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return parts[0] + "." + fraction
            + String(repeating: "0", count: max(0, currency.exponent - fraction.count))
    }

    /// `12.340 kWh`.
    static func energy(_ energy: Energy) -> String { energy.description }

    /// `131.0 kW`, or a dash when nobody knows.
    static func power(_ power: Power?) -> String {
        guard let power else { return "–" }
        let tenths = divide(Int128(power.milliwatts), by: 100_000, rounding: .halfUp)
        return "\(fixedPointText(tenths, scale: 1)) kW"
    }

    /// `1 h 05 min`, `6 min`, `40 s`.
    static func duration(_ elapsed: Elapsed) -> String {
        let seconds = max(0, elapsed.seconds)
        if seconds < 60 { return "\(seconds) s" }
        let minutes = seconds / 60
        guard minutes >= 60 else { return "\(minutes) min" }
        return "\(minutes / 60) h \(minutes % 60 < 10 ? "0" : "")\(minutes % 60) min"
    }

    /// `14:03`.
    func clock(_ instant: Instant) -> String {
        let second = zone.local(instant).secondOfDay
        return "\(pad(second / 3600)):\(pad(second / 60 % 60))"
    }

    /// `2027-03-01 14:03`.
    func dateAndClock(_ instant: Instant) -> String { "\(zone.local(instant).date) \(clock(instant))" }

    private func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// What a line of a bill is called.
    static func lineName(_ kind: String) -> String {
        switch kind {
        case "energy": "Energy"
        case "time": "Charging time"
        case "idle": "Idle time"
        case "session": "Session fee"
        case "reservation", "reservation_flat": "Reservation"
        case "min_price": "Minimum price"
        case "max_price": "Price cap"
        case "component_cap": "Cap"
        case "component_floor": "Minimum"
        case "discount": "Discount"
        default: kind
        }
    }

    /// `incl. 19 % VAT`.
    static func tax(_ rate: TaxRate?) -> String { rate.map { "\($0.percentText) % VAT" } ?? "tax" }
}
