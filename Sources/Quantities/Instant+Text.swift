// SPDX-License-Identifier: Apache-2.0

extension Instant {
    /// RFC 3339 in UTC with milliseconds and `Z`, e.g. `2027-03-01T14:03:22.120Z`; finer digits are cut.
    public var iso8601: String { text(fractionDigits: 3) }

    /// RFC 3339 in UTC with as many fraction digits as needed (none, 3, 6 or 9).
    public var shortISO8601: String {
        let fraction = nanoseconds - seconds * 1_000_000_000
        let digits =
            fraction == 0
            ? 0 : fraction.isMultiple(of: 1_000_000) ? 3 : fraction.isMultiple(of: 1000) ? 6 : 9
        return text(fractionDigits: digits)
    }

    /// The UTC day this instant lies in.
    public var utcDate: CivilDate { CivilDate(daysSinceEpoch: floorDivide(seconds, 86_400)) }

    /// Midnight UTC of a day, plus seconds.
    public init(_ date: CivilDate, secondOfDay: Int64 = 0) {
        self.init(seconds: date.daysSinceEpoch * 86_400 + secondOfDay)
    }

    private func text(fractionDigits: Int) -> String {
        let secondOfDay = seconds - utcDate.daysSinceEpoch * 86_400
        let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { padded($0, 2) }
        var text = "\(utcDate)T\(clock[0]):\(clock[1]):\(clock[2])"
        if fractionDigits > 0 {
            let fraction = padded(nanoseconds - seconds * 1_000_000_000, 9)
            text += "." + fraction.prefix(fractionDigits)
        }
        return text + "Z"
    }
}

extension Instant: CustomStringConvertible {
    /// ``shortISO8601``.
    public var description: String { shortISO8601 }
}

/// A time as somebody wrote it, read leniently, with what was unusual about it.
public struct WrittenTime: Hashable, Sendable {
    /// The point in time. A text without a zone is read as UTC.
    public let instant: Instant
    /// Whether `Z` or an offset was given.
    public let hasZone: Bool
    /// How many digits of a second were given; digits after the ninth are cut.
    public let fractionDigits: Int
    /// Whether the text was not strict RFC 3339 (a blank for `T`, a comma, second 60, `+0200`).
    public let isIrregular: Bool

    /// Reads `2027-03-01T14:03:22.120Z` and what stations and partners write instead of it; nil if it is no time.
    ///
    /// RFC 3339 §5.6; also accepted: a blank or small `t` between date and time, a comma before the fraction, an
    /// offset without colon, no zone at all, and second 60 (read as the first second of the next minute).
    public init?(_ text: String) {
        var copy = text
        guard let written = copy.withUTF8({ Self(bytes: $0) }) else { return nil }
        self = written
    }

    private init?(bytes: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(bytes)
        guard let date = reader.date(), let separator = reader.next(),
            separator == UInt8(ascii: "T") || separator == UInt8(ascii: "t")
                || separator == UInt8(ascii: " "),
            let clock = reader.clock(), let fraction = reader.fraction(), let zone = reader.zone(),
            reader.isAtEnd
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + clock.seconds - (zone.offsetSeconds ?? 0)
        let (scaled, scaleOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (total, sumOverflow) = scaled.addingReportingOverflow(fraction.nanoseconds)
        guard !scaleOverflow, !sumOverflow else { return nil }
        instant = Instant(nanoseconds: total)
        hasZone = zone.offsetSeconds != nil
        fractionDigits = fraction.digits
        isIrregular =
            separator != UInt8(ascii: "T") || fraction.hasComma || clock.isLeapSecond || zone.isIrregular
            || !hasZone
    }
}

extension Instant {
    /// Reads RFC 3339 text with a zone; nil for anything that ``WrittenTime`` calls irregular.
    public init?(iso8601 text: String) {
        guard let written = WrittenTime(text), !written.isIrregular else { return nil }
        self = written.instant
    }
}

/// Reads the parts of a time from ASCII bytes, one after the other.
private struct DigitReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func next() -> UInt8? {
        defer { position += 1 }
        return peek
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    mutating func number(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = next(), (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    mutating func date() -> CivilDate? {
        guard let year = number(4), skip(UInt8(ascii: "-")), let month = number(2), skip(UInt8(ascii: "-")),
            let day = number(2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    mutating func clock() -> (seconds: Int64, isLeapSecond: Bool)? {
        guard let hour = number(2), hour <= 23, skip(UInt8(ascii: ":")), let minute = number(2), minute <= 59
        else { return nil }
        guard skip(UInt8(ascii: ":")) else { return nil }
        guard let second = number(2), second <= 60 else { return nil }
        return (Int64(hour * 3600 + minute * 60 + second), second == 60)
    }

    mutating func fraction() -> (nanoseconds: Int64, digits: Int, hasComma: Bool)? {
        let hasComma = peek == UInt8(ascii: ",")
        guard skip(UInt8(ascii: ".")) || skip(UInt8(ascii: ",")) else { return (0, 0, false) }
        var value: Int64 = 0
        var digits = 0
        while let byte = peek, (48...57).contains(byte) {
            if digits < 9 { value = value * 10 + Int64(byte - 48) }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in 0..<max(0, 9 - digits) { value *= 10 }
        return (value, digits, hasComma)
    }

    mutating func zone() -> (offsetSeconds: Int64?, isIrregular: Bool)? {
        if isAtEnd { return (nil, false) }
        if skip(UInt8(ascii: "Z")) { return (0, false) }
        if skip(UInt8(ascii: "z")) { return (0, true) }
        let negative = peek == UInt8(ascii: "-")
        guard skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-")) else { return nil }
        guard let hour = number(2), hour <= 23 else { return nil }
        if isAtEnd { return (Int64(negative ? -hour : hour) * 3600, true) }
        let hasColon = skip(UInt8(ascii: ":"))
        guard let minute = number(2), minute <= 59 else { return nil }
        let offset = Int64(hour * 3600 + minute * 60)
        return (negative ? -offset : offset, !hasColon)
    }
}
