// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `unreachable_element`: whenever the element applies, an earlier one applies too and prices the same.
    static let unreachableElement = LintRule { tariff in
        tariff.elements.indices.compactMap { index in
            let element = tariff.elements[index]
            let dimensions = Set(element.components.map(\.dimension))
            guard !dimensions.isEmpty,
                dimensions.allSatisfy({ hides($0, of: element, behind: tariff.elements[..<index]) })
            else { return nil }
            return Finding(
                "unreachable_element", .warning, at: "/elements/\(index)",
                "An earlier element always prices \(element.dimensionWords) before this one can.")
        }
    }

    private static func hides(
        _ dimension: TariffDimension, of element: TariffElement, behind earlier: ArraySlice<TariffElement>
    ) -> Bool {
        let rivals = earlier.filter { rival in
            rival.isReservation == element.isReservation
                && rival.components.contains { $0.dimension == dimension }
        }
        return rivals.contains { $0.restriction.covers(element.restriction) }
            || coversByClock(rivals, element.restriction)
    }

    /// Whether windows of several elements, which say nothing else, together hold the window of another.
    private static func coversByClock(_ rivals: [TariffElement], _ restriction: Restriction?) -> Bool {
        let windows = rivals.compactMap { $0.restriction?.minutesIfOnlyClock }
        guard !windows.isEmpty else { return false }
        let own = restriction?.minutesOfDay ?? Restriction.allDay
        return own.allSatisfy { minute in windows.contains { $0.contains(minute) } }
    }
}

extension TariffElement {
    /// The dimensions of the element, each once.
    fileprivate var dimensionWords: String {
        TariffDimension.allCases.filter { dimension in components.contains { $0.dimension == dimension } }
            .map(\.rawValue).joined(separator: " and ")
    }
}

extension Restriction {
    /// Every minute of a day.
    fileprivate static let allDay = Minutes(0..<1440)

    /// A set of minutes, small enough to be walked.
    struct Minutes: Sequence {
        private let ranges: [Range<Int>]
        init(_ ranges: Range<Int>...) { self.ranges = ranges }
        func contains(_ minute: Int) -> Bool { ranges.contains { $0.contains(minute) } }
        func makeIterator() -> AnyIterator<Int> { AnyIterator(ranges.joined().makeIterator()) }
    }

    /// The minutes of the day of the window (D5, D6).
    fileprivate var minutesOfDay: Minutes {
        guard startTime != endTime else { return Self.allDay }
        let start = startTime?.minuteOfDay ?? 0
        let end = endTime.map { $0.minuteOfDay == 0 ? 1440 : $0.minuteOfDay } ?? 1440
        return start < end ? Minutes(start..<end) : Minutes(start..<1440, 0..<end)
    }

    /// The minutes of a window if the restriction says nothing else.
    fileprivate var minutesIfOnlyClock: Minutes? {
        var rest = self
        rest.startTime = nil
        rest.endTime = nil
        return rest == Restriction() ? minutesOfDay : nil
    }
}

extension Restriction? {
    /// Whether these conditions hold whenever the others do, as far as each condition tells for itself.
    func covers(_ other: Restriction?) -> Bool {
        guard let self else { return true }
        return self.covers(other ?? Restriction())
    }
}

extension Restriction {
    fileprivate func covers(_ other: Restriction) -> Bool {
        let own = minutesOfDay
        let isClockCovered =
            startTime == endTime || other.minutesOfDay.allSatisfy { own.contains($0) }
        let isDayCovered = weekdays.map { days in
            (other.weekdays ?? Weekday.allCases).allSatisfy(days.contains)
        }
        let isReservationCovered = reservation == other.reservation || reservation == .reserved
        let isElseCovered = extensions == Restriction() || extensions == other.extensions
        return isClockCovered && isDayCovered != false && isReservationCovered && isElseCovered
            && Self.range(startDate, endDate, covers: other.startDate, other.endDate)
            && Self.range(minEnergy, maxEnergy, covers: other.minEnergy, other.maxEnergy)
            && Self.range(minPower, maxPower, covers: other.minPower, other.maxPower)
            && Self.range(minCurrent, maxCurrent, covers: other.minCurrent, other.maxCurrent)
            && Self.range(
                minDurationSeconds, maxDurationSeconds, covers: other.minDurationSeconds,
                other.maxDurationSeconds)
    }

    /// The operator's extensions alone.
    private var extensions: Restriction {
        var rest = self
        (rest.startTime, rest.endTime, rest.startDate, rest.endDate) = (nil, nil, nil, nil)
        (rest.minEnergy, rest.maxEnergy, rest.minPower, rest.maxPower) = (nil, nil, nil, nil)
        (rest.minCurrent, rest.maxCurrent, rest.weekdays, rest.reservation) = (nil, nil, nil, nil)
        (rest.minDurationSeconds, rest.maxDurationSeconds) = (nil, nil)
        return rest
    }

    private static func range<Value: Comparable>(
        _ low: Value?, _ high: Value?, covers otherLow: Value?, _ otherHigh: Value?
    ) -> Bool {
        let holdsBelow = low.map { bound in otherLow.map { $0 >= bound } ?? false } ?? true
        let holdsAbove = high.map { bound in otherHigh.map { $0 <= bound } ?? false } ?? true
        return holdsBelow && holdsAbove
    }
}
