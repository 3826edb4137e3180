// SPDX-License-Identifier: Apache-2.0

import Quantities
import Testing

@Suite("Instants and dates")
struct InstantTests {
    @Test(
        "times are read as RFC 3339 and as stations write them",
        arguments: [
            ("2027-03-01T14:03:22.120Z", "2027-03-01T14:03:22.120Z", false),
            ("2027-03-01T14:03:22Z", "2027-03-01T14:03:22Z", false),
            ("2027-03-01T16:03:22+02:00", "2027-03-01T14:03:22Z", false),
            ("2027-03-01T08:33:22-05:30", "2027-03-01T14:03:22Z", false),
            ("2027-03-01T14:03:22.123456789Z", "2027-03-01T14:03:22.123456789Z", false),
            ("2027-03-01T14:03:22.1234567899Z", "2027-03-01T14:03:22.123456789Z", false),
            ("2027-03-01 14:03:22Z", "2027-03-01T14:03:22Z", true),
            ("2027-03-01t14:03:22z", "2027-03-01T14:03:22Z", true),
            ("2027-03-01T14:03:22,5Z", "2027-03-01T14:03:22.500Z", true),
            ("2027-03-01T14:03:22", "2027-03-01T14:03:22Z", true),
            ("2027-03-01T16:03:22+0200", "2027-03-01T14:03:22Z", true),
            ("2027-03-01T16:03:22+02", "2027-03-01T14:03:22Z", true),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", true),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", false),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", false),
            ("1677-09-21T00:12:44Z", "1677-09-21T00:12:44Z", false),
            ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z", false),
        ])
    func reading(text: String, normal: String, isIrregular: Bool) throws {
        let written = try #require(WrittenTime(text))

        #expect(written.instant.shortISO8601 == normal)
        #expect(written.isIrregular == isIrregular)
        #expect((Instant(iso8601: text) == nil) == isIrregular)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "2027", "2027-03-01", "2027-03-01T14:03", "2027-3-1T14:03:22Z", "2027-02-29T00:00:00Z",
            "2027-13-01T00:00:00Z", "2027-03-01T24:00:00Z", "2027-03-01T14:60:00Z", "2027-03-01T14:03:61Z",
            "2027-03-01T14:03:22.Z", "2027-03-01T14:03:22Zx", "2027-03-01T14:03:22+25:00",
            "2027-03-01T14:03:22+02:60",
            "2027-03-01T14:03:22+2", "1677-09-21T00:12:43Z", "2262-04-11T23:47:16.854775808Z",
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z", "２０２７-03-01T14:03:22Z", "+2027-03-01T14:03:22Z", "2027-03-01T14:03:22+",
        ])
    func refusing(text: String) {
        #expect(WrittenTime(text) == nil)
    }

    @Test("text and instant are each other's inverse, before 1970 too")
    func roundTrip() {
        for seed in UInt64(1)...2000 {
            var random = SeededGenerator(seed: seed)
            let instant = Instant(nanoseconds: Int64.random(in: .min / 2 ... .max / 2, using: &random))
            #expect(Instant(iso8601: instant.shortISO8601) == instant, "seed \(seed)")
            let rounded = Instant(milliseconds: instant.milliseconds)
            #expect(Instant(iso8601: instant.iso8601) == rounded, "seed \(seed)")
            #expect(rounded <= instant, "seed \(seed)")
        }
    }

    @Test("the calendar's own arithmetic agrees with counting day by day through four centuries")
    func calendar() throws {
        var date = try #require(CivilDate("1900-01-01"))
        var weekday = 1
        for year in 1900..<2300 {
            let isLeap = year.isMultiple(of: 400) || year.isMultiple(of: 4) && !year.isMultiple(of: 100)
            for (month, length) in zip(1..., [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in 1...length {
                    guard date.parts == (year, month, day), date.weekday == weekday else {
                        Issue.record("\(date) is not \(year)-\(month)-\(day)")
                        return
                    }
                    date = CivilDate(daysSinceEpoch: date.daysSinceEpoch + 1)
                    weekday = weekday % 7 + 1
                }
                #expect(CivilDate(year: year, month: month, day: length + 1) == nil)
            }
        }
        #expect(CivilDate("2026-02-30") == nil)
        #expect(CivilDate("26-02-03") == nil)
        #expect(Instant(CivilDate(daysSinceEpoch: -1)).utcDate == CivilDate("1969-12-31"))
    }

    @Test("seconds and milliseconds round down, lengths of time add and subtract")
    func arithmetic() {
        #expect(Instant(nanoseconds: -1).seconds == -1)
        #expect(Instant(nanoseconds: -1).milliseconds == -1)
        #expect(Instant.epoch + .hours(1) - .minutes(60) == .epoch)
        #expect(Instant(seconds: 5) - Instant(milliseconds: 4500) == .milliseconds(500))
        #expect(Elapsed.milliseconds(1999).seconds == 1)
        #expect(Elapsed.seconds(1) + .seconds(2) - .seconds(3) == .zero)
    }

    @Test("arithmetic beyond the ends of time traps")
    func traps() async {
        await #expect(processExitsWith: .failure) { _ = Instant(nanoseconds: .max) + Elapsed(nanoseconds: 1) }
        await #expect(processExitsWith: .failure) { _ = Instant(seconds: .max) }
    }
}
