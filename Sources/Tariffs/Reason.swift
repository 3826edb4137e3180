// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// Why an amount is on a bill, as a value; words are made of it where somebody reads them.
public enum Reason: Hashable, Sendable, Codable {
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

    /// One line in English, e.g. `element 1: 22:00 to 06:00, from 10 kWh`.
    public var words: String {
        switch self {
        case .element(let index, let restriction): "element \(index): " + (restriction?.words ?? "always")
        case .capped(let cap, let element): "element \(element): at most \(cap.decimal)"
        case .raised(let floor, let element): "element \(element): at least \(floor.decimal)"
        case .minimumPrice(let limit): "the session costs at least " + limit.words
        case .maximumPrice(let limit): "the session costs at most " + limit.words
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
        let conditions = clockWords + sessionWords + (reservation.map { [$0.words] } ?? [])
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
