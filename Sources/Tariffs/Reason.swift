// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// Why an amount is on a bill, as a value; words are made of it where somebody reads them.
///
/// Indirect, so that a bill refers to the reasons that its tariff was compiled with and copies none.
public indirect enum Reason: Hashable, Sendable, Codable {
    /// The first element whose conditions all held.
    case element(Int, Restriction?)
    /// A component cost more than its cap.
    case capped(Rate, element: Int)
    /// A component cost less than its floor.
    case raised(Rate, element: Int)
    /// The session cost less than its minimum.
    case minimumPrice(Tariff.Limit)
    /// The session cost more than its maximum.
    case maximumPrice(Tariff.Limit)
    /// The first so many Wh or seconds of a component.
    case free(Int64, TariffDimension, element: Int)
    /// What an allowance over several sessions still held.
    case allowance(String, element: Int)
    /// A reduction of a component for a group.
    case discount(Discount, TariffDimension, element: Int)
    /// A coupon lowered the price.
    case coupon(String)
    /// Several sessions together had reached their cap.
    case counterCap(String, Rate)
    /// A fee in percent of the total.
    case percentageFee(Percentage)

    /// One line in English, e.g. `element 1: 22:00 to 06:00, from 10 kWh`.
    public var words: String {
        switch self {
        case .element(let index, let restriction): "element \(index): " + (restriction?.words ?? "always")
        case .capped(let cap, let element): "element \(element): at most \(cap.decimal)"
        case .raised(let floor, let element): "element \(element): at least \(floor.decimal)"
        case .minimumPrice(let limit): "the session costs at least " + limit.words
        case .maximumPrice(let limit): "the session costs at most " + limit.words
        case .free(let count, let dimension, let element):
            "element \(element): the first \(dimension.words(count)) are free"
        case .allowance(let id, let element): "element \(element): covered by the allowance \(id)"
        case .discount(let discount, let dimension, let element):
            "element \(element): \(discount.words(dimension)) less for \(discount.group)"
        case .coupon(let id): "coupon \(id)"
        case .counterCap(let id, let cap): "at most \(cap.decimal) for all sessions of \(id)"
        case .percentageFee(let share): "\(share.text) % of the total"
        }
    }
}

extension TariffDimension {
    /// So many Wh, seconds or times in English.
    fileprivate func words(_ count: Int64) -> String {
        switch self {
        case .energy: "\(fixedPointText(Int128(count), scale: 3)) kWh"
        case .time, .parking: durationWords(count)
        case .flat: "\(count)"
        }
    }
}

extension Discount {
    /// How much is taken off, in English.
    fileprivate func words(_ dimension: TariffDimension) -> String {
        switch amount {
        case .percent(let share): "\(share.text) %"
        case .perUnit(let rate): rate.decimal + (dimension == .flat ? "" : " per \(dimension.unit.rawValue)")
        }
    }
}

extension Tariff.Limit {
    /// Both bounds in English.
    var words: String { "\(net.decimal) before tax" + (gross.map { ", \($0.decimal) after tax" } ?? "") }
}

extension Restriction {
    /// All conditions in English, joined by commas; `always` when there is none.
    public var words: String {
        let conditions = clockWords + sessionWords + contextWords + (reservation.map { [$0.words] } ?? [])
        return conditions.isEmpty ? "always" : conditions.joined(separator: ", ")
    }

    /// The conditions that a clock or calendar decides.
    private var clockWords: [String] {
        var words: [String] = []
        if startTime != nil || endTime != nil {
            words.append("\(startTime?.description ?? "00:00") to \(endTime?.description ?? "00:00")")
        }
        if let weekdays { words.append(Weekday.words(weekdays)) }
        if let startDate { words.append("from \(startDate)") }
        if let endDate { words.append("before \(endDate)") }
        return words
    }

    /// The conditions that the session decides.
    var sessionWords: [String] {
        var words: [String] = []
        if let minEnergy { words.append("from \(kilo(minEnergy.milliwattHours)) kWh") }
        if let maxEnergy { words.append("up to \(kilo(maxEnergy.milliwattHours)) kWh") }
        if let minPower { words.append("from \(kilo(minPower.milliwatts)) kW") }
        if let maxPower { words.append("below \(kilo(maxPower.milliwatts)) kW") }
        if let minCurrent { words.append("from \(kilo(minCurrent.microamperes)) A") }
        if let maxCurrent { words.append("below \(kilo(maxCurrent.microamperes)) A") }
        if let minDurationSeconds { words.append("after \(durationWords(minDurationSeconds))") }
        if let maxDurationSeconds { words.append("in the first \(durationWords(maxDurationSeconds))") }
        if let minChargingSeconds { words.append("after \(durationWords(minChargingSeconds)) of charging") }
        if let maxChargingSeconds {
            words.append("in the first \(durationWords(maxChargingSeconds)) of charging")
        }
        if let minIdleSeconds { words.append("after \(durationWords(minIdleSeconds)) of idling") }
        if let maxIdleSeconds { words.append("in the first \(durationWords(maxIdleSeconds)) of idling") }
        if let minStateOfCharge { words.append("from \(minStateOfCharge.text) % charge") }
        if let maxStateOfCharge { words.append("below \(maxStateOfCharge.text) % charge") }
        if let minOccupancy { words.append("from \(minOccupancy.text) % occupancy") }
        if let maxOccupancy { words.append("below \(maxOccupancy.text) % occupancy") }
        return words
    }

    /// The conditions that driver, vehicle and EVSE decide.
    private var contextWords: [String] {
        var words: [String] = []
        if let paymentChannels {
            words.append("paid by " + listed(paymentChannels.map { $0.rawValue.lowercased() }))
        }
        if let paymentBrands { words.append("brand " + listed(paymentBrands)) }
        if let cardFunding { words.append(cardFunding.rawValue.lowercased()) }
        if let evseKind { words.append(evseKind.rawValue) }
        if let minVehiclePower { words.append("car from \(kilo(minVehiclePower.milliwatts)) kW") }
        if let maxVehiclePower { words.append("car below \(kilo(maxVehiclePower.milliwatts)) kW") }
        return words
    }
}

extension Restriction.Weekday {
    /// `on Monday to Friday`, `on Saturday and Sunday`, `on no day`.
    static func words(_ days: [Self]) -> String {
        let numbers = Set(days.map(\.isoNumber)).sorted()
        let names = allCases.filter { numbers.contains($0.isoNumber) }.map(\.words)
        guard let first = names.first, let last = names.last else { return "on no day" }
        let isRun = numbers.count > 2 && numbers[numbers.count - 1] - numbers[0] == numbers.count - 1
        if isRun { return "on \(first) to \(last)" }
        let rest = names.dropLast().joined(separator: ", ")
        return "on " + (rest.isEmpty ? last : "\(rest) and \(last)")
    }

    /// The English name.
    var words: String { rawValue.prefix(1) + rawValue.dropFirst().lowercased() }
}

extension Restriction.Reservation {
    /// In English.
    var words: String {
        switch self {
        case .reserved: "while reserved"
        case .expired: "when a reservation expires"
        }
    }
}

/// Millionths as a decimal text.
private func kilo(_ millionths: Int64) -> String { fixedPointText(Int128(millionths), scale: 6) }

/// Seconds as minutes where they are whole minutes, e.g. `240 min`.
func durationWords(_ seconds: Int64) -> String {
    seconds.isMultiple(of: 60) ? "\(seconds / 60) min" : "\(seconds) s"
}

/// `visa or maestro`; `nothing` for an empty list.
private func listed(_ words: [String]) -> String {
    words.isEmpty ? "nothing" : words.joined(separator: " or ")
}
