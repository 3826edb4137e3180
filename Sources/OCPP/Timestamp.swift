// SPDX-License-Identifier: Apache-2.0

/// A time as a station wrote it, and what it means.
public struct Timestamp: Hashable, Sendable {
    /// The text as received.
    public let text: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let nanoseconds: Int64
    /// What was odd about the text, if anything: it was still read.
    public let oddity: String?

    /// Reads RFC 3339 and its common misspellings: no zone (UTC), a blank for `T`, a comma for the point,
    /// `+0100` for `+01:00`, second 60 (1.6 §3.15; C21). Nil if it is no time, or not of the years 1970 to 2199:
    /// the difference of any two of those fits into 64 bits of nanoseconds, and no station measured before.
    public init?(_ text: String) {
        var scanner = TimeScanner(Array(text.utf8))
        guard let nanoseconds = scanner.instant() else { return nil }
        self.text = text
        self.nanoseconds = nanoseconds
        oddity = scanner.oddity
    }

    /// `nanoseconds` after the epoch in RFC 3339, UTC with `Z`, cut to milliseconds (C20).
    public static func text(nanoseconds: Int64) -> String {
        let milliseconds = floorDivide(nanoseconds, 1_000_000)
        let day = floorDivide(milliseconds, 86_400_000)
        let inDay = milliseconds - day * 86_400_000
        let (year, month, date) = civil(day: day)
        let time = [inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1000 % 60].map { padded($0, 2) }
        let calendar = [padded(year, 4), padded(month, 2), padded(date, 2)].joined(separator: "-")
        return "\(calendar)T\(time.joined(separator: ":")).\(padded(inDay % 1000, 3))Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Year, month and day of a day count from the epoch, in the proleptic Gregorian calendar.
    /// Eras of 400 years, years that begin in March: the leap day is the last of its year.
    private static func civil(day: Int64) -> (Int64, Int64, Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let date = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date)
    }

    /// The day count from the epoch of a date in the proleptic Gregorian calendar.
    static func day(year: Int64, month: Int64, date: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + date - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// The quotient rounded towards negative infinity; `divisor` is greater than zero.
private func floorDivide(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}

/// A cursor over the characters of one time.
private struct TimeScanner {
    private var bytes: [UInt8]
    private var position = 0
    private(set) var oddity: String?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let blanks: (UInt8) -> Bool = { $0 == 0x20 }
        if bytes.first.map(blanks) == true || bytes.last.map(blanks) == true {
            self.bytes = Array(bytes.drop(while: blanks).reversed().drop(while: blanks).reversed())
            oddity = "blanks around the time"
        }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func instant() -> Int64? {
        guard let year = digits(4), passes("-"), let month = digits(2), passes("-"), let date = digits(2),
            passesSeparator(), let hour = digits(2), passes(":"), let minute = digits(2)
        else { return nil }
        var second: Int64 = 0
        if current == UInt8(ascii: ":") {
            position += 1
            guard let read = digits(2) else { return nil }
            second = read
        } else {
            oddity = "a time without seconds"
        }
        guard let fraction = fraction(), let offset = offset(), position == bytes.count else { return nil }
        guard (1970...2199).contains(year), (1...12).contains(month), hour <= 23, minute <= 59, second <= 60,
            date >= 1, date <= Self.lastDate(year: year, month: month)
        else { return nil }
        if second == 60 { oddity = "a leap second, read as the second after" }
        let day = Timestamp.day(year: year, month: month, date: date)
        let seconds = day * 86_400 + hour * 3600 + minute * 60 + second - offset
        return seconds * 1_000_000_000 + fraction
    }

    private mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<(position + count)] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        position += count
        return value
    }

    private mutating func passes(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func passesSeparator() -> Bool {
        if passes("T") { return true }
        guard passes("t") || passes(" ") else { return false }
        oddity = "no T between date and time"
        return true
    }

    /// Nanoseconds behind the point; digits beyond the ninth are cut.
    private mutating func fraction() -> Int64? {
        if passes(",") {
            oddity = "a comma before the fraction"
        } else if !passes(".") {
            return 0
        }
        var value: Int64 = 0
        var count = 0
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            if count < 9 { value = value * 10 + Int64(byte - UInt8(ascii: "0")) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 9)..<9 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    private mutating func offset() -> Int64? {
        if passes("Z") { return 0 }
        if passes("z") {
            oddity = "a small z for the zone"
            return 0
        }
        guard let sign = current else {
            oddity = "a time without a zone, read as UTC"
            return 0
        }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        position += 1
        guard let hours = digits(2) else { return nil }
        var minutes: Int64 = 0
        if passes(":") {
            guard let read = digits(2) else { return nil }
            minutes = read
        } else {
            oddity = "a zone without a colon"
            if current != nil {
                guard let read = digits(2) else { return nil }
                minutes = read
            }
        }
        guard hours <= 23, minutes <= 59 else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    private static func lastDate(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}
